#!/usr/bin/env bash
# Makes the media of this course: the episodes with their captions from the transcripts, and the cover.
#
#   ./make-media.sh            make everything
#   ./make-media.sh --check    check what is there
set -euo pipefail
export LC_ALL=C.UTF-8

course=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../speech.sh
source "$course/../speech.sh"
# shellcheck source=../drawing.sh
source "$course/../drawing.sh"

if [[ ${1:-} == --check ]]; then exec "$course/../check.sh" "$course"; fi

require_speech_tools
require_drawing_tools
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

VOICE=en-gb-x-rp WORDS_PER_MINUTE=142 PITCH=40 SPEECH_GAIN=2dB

# seconds expression [filters]: writes a generated sound, softened at both ends so that it does not click.
tone() {
  ffmpeg -nostdin -v error -f lavfi -i "aevalsrc='$2':s=$SAMPLES_PER_SECOND:d=$1" \
    -af "${3:+$3,}afade=d=0.02,areverse,afade=d=0.05,areverse" -ac 1 -f s16le -
}

hiss() {
  ffmpeg -nostdin -v error -f lavfi -i "anoisesrc=c=pink:seed=7:a=0.5:r=$SAMPLES_PER_SECOND:d=2" \
    -af "volume=$1,afade=d=0.05,areverse,afade=d=0.05,areverse" -ac 1 -f s16le -
}

# A click is 12 ms of noise in the middle of the range, where a hand clap is loudest.
click() {
  ffmpeg -nostdin -v error -f lavfi -i "anoisesrc=c=white:seed=3:a=0.8:r=$SAMPLES_PER_SECOND:d=0.012" \
    -af "bandpass=f=1800:width_type=h:w=2400,apad=whole_dur=$1${2:+,$2}" -t "$1" -ac 1 -f s16le -
}

make_sound() {
  case $1 in
    '[A steady tone at 220 hertz]') tone 2 '0.2*sin(2*PI*220*t)' ;;
    '[A steady tone at 440 hertz]') tone 2 '0.16*sin(2*PI*440*t)' ;;
    '[A steady tone at 880 hertz]') tone 2 '0.12*sin(2*PI*880*t)' ;;
    # An exponential sweep: 40 times the frequency in 5 seconds, the same musical distance in each second.
    '[A tone rising from 150 to 6000 hertz]') tone 5 '0.14*sin(2*PI*150*5/log(40)*(exp(t/5*log(40))-1))' ;;
    '[A hiss]') hiss 0dB ;;
    '[The same hiss, ten decibels lower]') hiss -10dB ;;
    '[The same hiss, twenty decibels lower]') hiss -20dB ;;
    '[Silence for eight seconds]') head -c $((8000 * BYTES_PER_MILLISECOND)) /dev/zero ;;
    '[A click, and its echo a tenth of a second later]') click 1.2 aecho=1:1:100:0.5 ;;
    '[A dry click]') click 1 ;;
    '[A click that dies away slowly]')
      # Noise that falls by 60 dB in two seconds is what a large hall adds to a click.
      tone 2.2 '0.35*(random(0)-0.5)*exp(-6.9*t/2)' 'bandpass=f=1500:width_type=h:w=2400,volume=4dB'
      ;;
    '[Two alternating notes, an imitation of a chiffchaff]')
      # A note every 0.35 s, falling within the note; which of the two pitches comes next has no fixed order.
      tone 4.2 '0.16*sin(2*PI*mod(t,0.35)*(4600+900*gt(mod(floor(t/0.35)*5,7),2.5)-2600*mod(t,0.35)))*exp(-pow((mod(t,0.35)-0.07)/0.035,2))'
      ;;
    '[A high and a low note repeated quickly, an imitation of a great tit]')
      tone 3.2 '0.14*sin(2*PI*mod(t,0.2)*(5200-1500*mod(floor(t/0.2),2)))*exp(-pow((mod(t,0.2)-0.08)/0.04,4))'
      ;;
    *) echo "no sound for $1" >&2; return 1 ;;
  esac
}

make_episode() {
  local lesson=$1 track=$2 title
  title=$(sed -n 's/^title: //p' "$course/lessons/$lesson.md")
  speak_transcript "$course/media/$lesson.txt" "$WORK/$lesson.pcm"
  write_captions "$course/media/$lesson.en.vtt"
  nice ffmpeg -nostdin -v error -y -f s16le -ar "$SAMPLES_PER_SECOND" -ac 1 -i "$WORK/$lesson.pcm" \
    -c:a libmp3lame -b:a 32k -id3v2_version 3 -flags +bitexact -fflags +bitexact \
    -metadata title="$title" -metadata artist='Harriet Vale' -metadata album='Listening to the world' \
    -metadata track="$track/6" -metadata genre=Podcast "$course/media/$lesson.mp3"
  record_duration "$course" "$lesson" "media/$lesson.mp3"
}

draw_cover() {
  local i height
  new_scene
  for ((i = 0; i < 34; i++)); do
    height=$(awk -v i="$i" 'BEGIN { h = 24 + 150 * exp(-((i - 17) / 9) ^ 2) * (0.55 + 0.45 * sin(i * 1.9)); printf "%d", h }')
    draw_box $((60 + i * 20)) $((300 - height / 2)) 10 "$height" "$([[ $i == 17 ]] && echo $ORANGE || echo 0x7fb4e6)"
  done
  draw_bold 60 108 44 white 'Listening to the world'
  draw_text 60 152 22 0xb9c6dd 'A podcast in six short episodes'
  draw_picture 800 450 "$INK" "$course/media/cover.png"
}

draw_cover
track=0
for lesson in what-a-sound-is inside-the-ear loud-and-quiet a-walk-for-the-ears echoes-and-rooms birds-at-dawn; do
  track=$((track + 1))
  make_episode "$lesson" "$track"
done

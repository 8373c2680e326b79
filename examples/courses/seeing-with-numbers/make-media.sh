#!/usr/bin/env bash
# Makes the media of this course: the videos with their captions from the transcripts, a stream of each, and the cover.
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
# shellcheck source=../video.sh
source "$course/../video.sh"

if [[ ${1:-} == --check ]]; then exec "$course/../check.sh" "$course"; fi

require_speech_tools
require_drawing_tools
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

VOICE=en-us WORDS_PER_MINUTE=146 PITCH=42 SPEECH_GAIN=2dB
RED=0xc2453a

make_sound() {
  echo "no sound for $1" >&2
  return 1
}

# Slides are drawn at 1280x720. What comes next is there from the start of sentence $1, until sentence $2 if there is one.
from_sentence() {
  SHOW_FROM=$(seconds_at "$1")
  SHOW_UNTIL=''
  [[ -z ${2:-} ]] || SHOW_UNTIL=$(awk -v t="$(seconds_at "$2")" 'BEGIN { printf "%.3f", t - 0.05 }')
}

seconds_at() {
  printf '%d.%03d' $((CUE_START[$1] / 1000)) $((CUE_START[$1] % 1000))
}

draw_title() {
  SHOW_FROM=0 SHOW_UNTIL=''
  draw_box 0 0 1280 12 $ORANGE
  draw_bold 80 96 52 $INK "$1"
}

draw_dot() {
  draw_text "$1-text_w/2" "$(($2 + 16))" 46 "$3" '●'
}

# x1 y1 x2 y2 colour
draw_line() {
  local x
  for ((x = $1; x < $3; x += 4)); do
    draw_box "$x" $(($2 + ($4 - $2) * (x - $1) / ($3 - $1))) 6 6 "$5"
  done
}

slides_mean_and_median() {
  local pay=(20 22 24 26 28) i x
  draw_title 'Mean and median'
  from_sentence 0 10
  draw_box 110 600 1060 4 $INK
  draw_text 110 650 28 $MUTED 'Pay in a year, in thousands'
  from_sentence 1 10
  for i in "${!pay[@]}"; do
    x=$((150 + i * 150))
    draw_growing_bar "$x" 600 100 $((pay[i] * 14 / 5)) $BLUE
    draw_bold "$x+50-text_w/2" 590 30 white "${pay[i]}"
  done

  from_sentence 2 6
  draw_text 80 190 38 $INK '20 + 22 + 24 + 26 + 28 = 120'
  draw_text 80 250 38 $INK '120 ÷ 5 = 24'
  from_sentence 3 8
  draw_box 110 530 900 4 $ORANGE
  draw_bold 1030 532 30 $ORANGE 'mean 24'
  from_sentence 4 9
  draw_frame 442 524 116 84 $GREEN 6
  from_sentence 5 9
  draw_bold 1030 574 30 $GREEN 'median 24'

  from_sentence 6 10
  draw_text '950-text_w/2' 650 28 $MUTED 'owner'
  from_sentence 7 10
  draw_growing_bar 900 600 100 420 $INK
  draw_bold '950-text_w/2' 166 30 $INK '150'
  from_sentence 8 10
  draw_text 80 190 38 $INK '270 ÷ 6 = 45'
  draw_box 110 472 900 4 $ORANGE
  draw_bold 1030 482 34 $ORANGE 'mean 45'
  from_sentence 9 10
  draw_box 110 528 900 4 $GREEN
  draw_bold 1030 540 34 $GREEN 'median 25'

  from_sentence 10
  draw_bold 80 250 46 $ORANGE 'Mean'
  draw_text 80 310 36 $INK 'How much would each have, if all were shared?'
  from_sentence 11
  draw_bold 80 420 46 $GREEN 'Median'
  draw_text 80 480 36 $INK 'What is usual?'
  from_sentence 12
  draw_bold 80 620 46 $INK '“The average” – which one?'
}

slides_spread() {
  local minute x y
  draw_title 'Spread'
  from_sentence 10 11
  draw_box $((640 - 28)) 200 56 110 0xf0d3cf
  draw_box $((640 - 268)) 370 536 110 0xcfdff0
  from_sentence 0 11
  draw_box 638 180 4 360 $ORANGE
  draw_bold '640-text_w/2' 168 30 $ORANGE 'mean 10'
  draw_box 180 540 920 4 $INK
  for minute in 0 5 10 15 20; do
    x=$((200 + 44 * minute))
    draw_box $((x - 2)) 540 4 14 $INK
    draw_text "$x-text_w/2" 586 28 $MUTED "$minute"
  done
  draw_text 960 630 28 $MUTED 'minutes of waiting'

  from_sentence 2 11
  draw_bold 80 220 32 $RED 'Red'
  draw_dot 596 280 $RED
  for y in 200 240 280; do draw_dot 640 "$y" $RED; done
  draw_dot 684 280 $RED
  from_sentence 3 11
  draw_bold 80 395 32 $BLUE 'Blue'
  for minute in 2 5 10 14 19; do draw_dot $((200 + 44 * minute)) 425 $BLUE; done

  from_sentence 4 6
  draw_text 80 660 36 $INK 'Range = largest − smallest'
  from_sentence 5 7
  draw_box 596 316 88 8 $RED
  draw_bold 710 330 30 $RED '2'
  draw_box 288 470 748 8 $BLUE
  draw_bold 1060 484 30 $BLUE '17'
  from_sentence 7 8
  draw_text 80 660 36 $INK 'Standard deviation'
  from_sentence 8 9
  draw_text 80 660 36 $INK '1. Square each distance from the mean'
  from_sentence 9 10
  draw_text 80 660 36 $INK '2. Average the squares   3. Take the root'
  from_sentence 10 11
  draw_bold 720 250 34 $RED '± 0.6'
  draw_bold 925 388 34 $BLUE '± 6.1'
  draw_text 80 660 36 $INK 'Standard deviation, in minutes'

  from_sentence 11
  draw_bold 80 270 46 $ORANGE 'Mean'
  draw_text 80 330 36 $INK 'How long do you wait?'
  from_sentence 12
  draw_bold 80 450 46 $BLUE 'Spread'
  draw_text 80 510 36 $INK 'How far can you trust that?'
}

slides_honest_axes() {
  local value x years=(92 93 95 96 100) i
  draw_title 'Honest axes'
  from_sentence 0 1
  draw_bold '400-text_w/2' 400 120 $BLUE '96'
  draw_text '400-text_w/2' 460 34 $MUTED 'last year'
  draw_bold '880-text_w/2' 400 120 $BLUE '100'
  draw_text '880-text_w/2' 460 34 $MUTED 'this year'

  from_sentence 1 8
  draw_box 290 600 560 4 $INK
  draw_text '440-text_w/2' 646 30 $MUTED 'last year'
  draw_text '700-text_w/2' 646 30 $MUTED 'this year'
  from_sentence 1 5
  for value in 95 96 97 98 99 100; do draw_text '270-text_w' $((610 - (value - 95) * 80)) 28 $MUTED "$value"; done
  draw_growing_bar 360 600 160 80 $BLUE
  draw_growing_bar 620 600 160 400 $BLUE
  from_sentence 2 5
  draw_bold 900 300 64 $RED '5 times?'
  from_sentence 3 5
  draw_frame 206 576 84 48 $RED 5
  from_sentence 4 5
  draw_text 900 400 34 $INK 'First bar: 1'
  draw_text 900 450 34 $INK 'Second bar: 5'

  from_sentence 5 8
  for value in 0 25 50 75 100; do draw_text '270-text_w' $((610 - value * 4)) 28 $MUTED "$value"; done
  draw_growing_bar 360 600 160 384 $GREEN
  draw_growing_bar 620 600 160 400 $GREEN
  from_sentence 6 8
  draw_bold 900 300 64 $GREEN '+ 4 %'
  from_sentence 7 8
  draw_text 900 400 34 $INK 'Bars speak'
  draw_text 900 446 34 $INK 'through length.'

  from_sentence 8 10
  draw_box 240 600 820 4 $INK
  for value in 90 92 94 96 98 100; do draw_text '220-text_w' $((610 - (value - 90) * 40)) 28 $MUTED "$value"; done
  for i in 0 1 2 3; do
    draw_line $((300 + i * 180)) $((597 - (years[i] - 90) * 40)) $((480 + i * 180)) $((597 - (years[i + 1] - 90) * 40)) $BLUE
  done
  for i in "${!years[@]}"; do draw_dot $((300 + i * 180)) $((600 - (years[i] - 90) * 40)) $BLUE; done
  draw_text '300-text_w/2' 646 28 $MUTED '4 years ago'
  draw_text '1020-text_w/2' 646 28 $MUTED 'this year'
  from_sentence 9 10
  draw_bold 300 260 38 $INK 'Lines speak through slope.'
  draw_text 300 312 32 $RED 'This axis starts at 90.'

  from_sentence 10
  draw_bold 80 220 46 $INK 'Before you believe a chart'
  from_sentence 11
  draw_text 80 330 40 $INK '1.  Where does the axis start?'
  from_sentence 12
  draw_text 80 430 40 $INK '2.  Are its steps equal?'
  from_sentence 13
  draw_text 80 530 40 $INK '3.  Who chose the years?'
}

make_video() {
  local lesson=$1
  speak_transcript "$course/media/$lesson.txt" "$WORK/$lesson.pcm"
  append_silence "$WORK/$lesson.pcm" 800
  write_captions "$course/media/$lesson.en.vtt"
  [[ ! -f $course/captions/$lesson.de.txt ]] ||
    write_captions "$course/media/$lesson.de.vtt" "$course/captions/$lesson.de.txt"
  new_scene
  "slides_${lesson//-/_}"
  scene_graph "$WORK/$lesson.graph"
  write_video "$WORK/$lesson.graph" "$WORK/$lesson.pcm" "$course/media/$lesson.mp4"
  write_stream "$course" "$lesson"
  record_duration "$course" "$lesson" "media/$lesson.mp4"
}

draw_cover() {
  local heights=(60 96 84 150 132 204 240) i
  new_scene
  draw_bold 60 108 44 $INK 'Seeing with numbers'
  draw_text 60 152 22 $MUTED 'Averages, spread and honest charts'
  draw_box 60 396 680 4 $INK
  for i in "${!heights[@]}"; do
    draw_box $((80 + i * 94)) $((396 - heights[i] * 9 / 10)) 64 $((heights[i] * 9 / 10)) "$([[ $i == 6 ]] && echo $ORANGE || echo $BLUE)"
  done
  draw_picture 800 450 "$PAPER" "$course/media/cover.png"
}

draw_cover
for lesson in mean-and-median spread honest-axes; do make_video "$lesson"; done

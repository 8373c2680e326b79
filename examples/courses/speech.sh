# Speech and captions, to be sourced: a transcript is spoken sentence by sentence, so every sentence has a measured time.
#
# A transcript has one paragraph per line, with blank lines between. A paragraph in [brackets] is not spoken: it
# describes a sound, and the course's own `make_sound` writes it.

readonly SAMPLES_PER_SECOND=24000
readonly BYTES_PER_MILLISECOND=$((SAMPLES_PER_SECOND * 2 / 1000))
readonly SENTENCE_PAUSE_MS=320
readonly PARAGRAPH_PAUSE_MS=750

# Two lines of about this many characters are what a viewer reads in one glance, also on a telephone.
readonly CAPTION_LINE_CHARACTERS=42

require_speech_tools() {
  local tool
  for tool in espeak-ng ffmpeg ffprobe; do
    command -v "$tool" >/dev/null || { echo "missing: $tool (Debian: apt-get install espeak-ng ffmpeg)" >&2; exit 1; }
  done
}

sentences_of() {
  sed -E '/^\[/! s/([.!?]["”’)]*) +/\1\n/g' <<<"$1"
}

milliseconds_in() {
  echo $(($(stat -c %s "$1") / BYTES_PER_MILLISECOND))
}

append_silence() {
  head -c $(($2 * BYTES_PER_MILLISECOND)) /dev/zero >>"$1"
}

# Writes one sentence as raw 16-bit mono, without the silence that the synthesiser leaves around it.
# VOICE, WORDS_PER_MINUTE and PITCH are the course's.
say() {
  espeak-ng -v "$VOICE" -s "$WORDS_PER_MINUTE" -p "$PITCH" --stdout -- "$1" |
    ffmpeg -v error -f wav -ignore_length 1 -i - -af "
      silenceremove=start_periods=1:start_threshold=-55dB,areverse,
      silenceremove=start_periods=1:start_threshold=-55dB,areverse,
      highpass=f=80,treble=g=-3:f=5500,volume=${SPEECH_GAIN:-0dB},alimiter=limit=0.9:level=false,
      aresample=${SAMPLES_PER_SECOND}:resampler=swr" -ac 1 -f s16le -
}

# Speaks a transcript into a raw sound file and fills CUE_START, CUE_END (milliseconds) and CUE_TEXT.
speak_transcript() {
  local transcript=$1 sound=$2 paragraph sentence
  CUE_START=() CUE_END=() CUE_TEXT=()
  : >"$sound"
  append_silence "$sound" 400
  while IFS= read -r paragraph || [[ -n $paragraph ]]; do
    [[ -n $paragraph ]] || continue
    while IFS= read -r sentence; do
      CUE_TEXT+=("$sentence")
      CUE_START+=("$(milliseconds_in "$sound")")
      if [[ $sentence == \[* ]]; then make_sound "$sentence" >>"$sound"; else say "$sentence" >>"$sound"; fi
      CUE_END+=("$(milliseconds_in "$sound")")
      append_silence "$sound" "$SENTENCE_PAUSE_MS"
    done < <(sentences_of "$paragraph")
    append_silence "$sound" $((PARAGRAPH_PAUSE_MS - SENTENCE_PAUSE_MS))
  done <"$transcript"
}

timestamp() {
  printf '%02d:%02d:%02d.%03d' $(($1 / 3600000)) $(($1 / 60000 % 60)) $(($1 / 1000 % 60)) $(($1 % 1000))
}

# Breaks a text into lines of about the same length, none longer than CAPTION_LINE_CHARACTERS if its words allow.
caption_lines() {
  local text=$1 line='' word wanted lines
  lines=$(((${#text} + CAPTION_LINE_CHARACTERS - 1) / CAPTION_LINE_CHARACTERS))
  wanted=$((${#text} / lines + 5))
  ((wanted <= CAPTION_LINE_CHARACTERS)) || wanted=$CAPTION_LINE_CHARACTERS
  for word in $text; do
    if [[ -n $line ]] && ((${#line} + 1 + ${#word} > wanted)); then
      echo "$line"
      line=$word
    else
      line+="${line:+ }$word"
    fi
  done
  echo "$line"
}

# Writes one sentence as cues of at most two lines; a longer sentence shares its time out by the characters of each cue.
write_cues() {
  local start=$1 end=$2 lines shown=0 total=0 i cue from to
  set -f
  mapfile -t lines < <(caption_lines "$3")
  set +f
  for cue in "${lines[@]}"; do total=$((total + ${#cue})); done
  for ((i = 0; i < ${#lines[@]}; i += 2)); do
    cue="${lines[i]}${lines[i + 1]:+$'\n'${lines[i + 1]}}"
    from=$((start + (end - start) * shown / total))
    shown=$((shown + ${#lines[i]}))
    if ((i + 1 < ${#lines[@]})); then shown=$((shown + ${#lines[i + 1]})); fi
    to=$((start + (end - start) * shown / total))
    printf '\n%s --> %s\n%s\n' "$(timestamp "$from")" "$(timestamp "$to")" "$cue"
  done
}

# Captions of what speak_transcript spoke last. With a second argument, its lines replace the sentences, one for one.
write_captions() {
  local file=$1 translation=${2:-} texts=("${CUE_TEXT[@]}") i
  if [[ -n $translation ]]; then
    mapfile -t texts < <(grep -v '^$' "$translation")
    if ((${#texts[@]} != ${#CUE_TEXT[@]})); then
      echo "$translation: ${#texts[@]} lines for ${#CUE_TEXT[@]} sentences" >&2
      return 1
    fi
  fi
  {
    echo WEBVTT
    for i in "${!texts[@]}"; do write_cues "${CUE_START[i]}" "${CUE_END[i]}" "${texts[i]}"; done
  } >"$file"
}

# Prints the measured duration of a lesson's media and writes it into the lesson's front matter.
record_duration() {
  local course=$1 lesson=$2 media=$3 seconds
  seconds=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$course/$media" | xargs printf '%.1f')
  sed -i "s/^durationSeconds: .*/durationSeconds: $seconds/" "$course/lessons/$lesson.md"
  printf '%-24s %s s\n' "$lesson" "$seconds"
}

# Videos, to be sourced: an MP4 file to play and download, and the HLS stream made of it.

readonly FRAMES_PER_SECOND=12
readonly WIDTH=640 HEIGHT=360

# graph sound file: draws the graph at 1280x720 for as long as the sound lasts, and encodes both.
write_video() {
  local graph=$1 sound=$2 file=$3 seconds
  seconds=$(awk -v ms="$(milliseconds_in "$sound")" 'BEGIN { printf "%.3f", ms / 1000 }')
  { cat "$graph"; printf ',scale=%d:%d:flags=lanczos,format=yuv420p' "$WIDTH" "$HEIGHT"; } >"$WORK/video.graph"
  # The number of threads is fixed, since the bytes depend on it.
  nice ffmpeg -nostdin -v error -y \
    -f lavfi -i "color=c=$PAPER:s=1280x720:r=$FRAMES_PER_SECOND:d=$seconds" \
    -f s16le -ar "$SAMPLES_PER_SECOND" -ac 1 -i "$sound" -filter_script:v "$WORK/video.graph" \
    -c:v libx264 -preset slow -tune animation -crf 25 -threads:v 2 \
    -c:a aac -b:a 16k -flags +bitexact -fflags +bitexact -movflags +faststart "$file"
}

# course lesson: makes the stream of the lesson's video, with the captions that its front matter lists.
write_stream() {
  local course=$1 lesson=$2 track captions=()
  while read -r track; do captions+=(--captions "$track"); done < <(caption_tracks "$course" "$lesson")
  rm -rf "$course/media/$lesson"
  (cd "$course/../../.." && nice npx tsx scripts/package-stream.ts "$course/media/$lesson.mp4" "$course/media/$lesson" "${captions[@]}")
}

# One line for each track: language:label:file.
caption_tracks() {
  awk -v course="$1" '
    /^---$/ { fences++ }
    fences != 1 { next }
    /^  - language: / { language = $3 }
    /^    label: / { label = substr($0, 12) }
    /^    file: / { print language ":" label ":" course "/" $2 }' "$1/lessons/$2.md"
}

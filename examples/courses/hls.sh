# Video as an HLS ladder, to be sourced: two renditions in fragmented MP4 (RFC 8216), with segments of six seconds.

readonly FRAMES_PER_SECOND=15
readonly SEGMENT_SECONDS=6

# name width height H.264-profile level constant-rate-factor
readonly RENDITIONS=(
  '360p 640 360 main 3.0 27'
  '180p 320 180 baseline 1.3 28'
)

# graph sound folder: draws the graph at 1280x720 for as long as the sound lasts, and encodes every rendition.
write_hls() {
  local graph=$1 sound=$2 folder=$3 seconds rendition name width height profile level rate
  seconds=$(awk -v ms="$(milliseconds_in "$sound")" 'BEGIN { printf "%.3f", ms / 1000 }')
  rm -rf "$folder"
  for rendition in "${RENDITIONS[@]}"; do
    read -r name width height profile level rate <<<"$rendition"
    mkdir -p "$folder/$name"
    { cat "$graph"; printf ',scale=%d:%d:flags=lanczos,format=yuv420p' "$width" "$height"; } >"$WORK/$name.graph"
    nice ffmpeg -nostdin -v error -y \
      -f lavfi -i "color=c=$PAPER:s=1280x720:r=$FRAMES_PER_SECOND:d=$seconds" \
      -f s16le -ar "$SAMPLES_PER_SECOND" -ac 1 -i "$sound" -filter_script:v "$WORK/$name.graph" \
      -c:v libx264 -preset slow -tune animation -profile:v "$profile" -level "$level" -crf "$rate" \
      -g $((FRAMES_PER_SECOND * SEGMENT_SECONDS)) -bf 0 -keyint_min $((FRAMES_PER_SECOND * SEGMENT_SECONDS)) -sc_threshold 0 \
      -c:a aac -b:a 20k -flags +bitexact -fflags +bitexact \
      -f hls -hls_time "$SEGMENT_SECONDS" -hls_playlist_type vod -hls_flags independent_segments \
      -hls_segment_type fmp4 -hls_fmp4_init_filename init.mp4 -hls_segment_filename "$folder/$name/segment-%02d.m4s" \
      "$folder/$name/index.m3u8"
  done
  write_master_playlist "$folder"
}

write_master_playlist() {
  local folder=$1 rendition name width height peak average
  {
    printf '#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n'
    for rendition in "${RENDITIONS[@]}"; do
      read -r name width height _ <<<"$rendition"
      read -r peak average < <(measure_bandwidth "$folder/$name")
      printf '#EXT-X-STREAM-INF:BANDWIDTH=%d,AVERAGE-BANDWIDTH=%d,CODECS="%s,mp4a.40.2",RESOLUTION=%dx%d,FRAME-RATE=%d.000\n%s/index.m3u8\n' \
        "$peak" "$average" "$(h264_codec "$folder/$name/init.mp4")" "$width" "$height" "$FRAMES_PER_SECOND" "$name"
    done
  } >"$folder/master.m3u8"
}

# Bits per second of the largest segment and of all of them, as BANDWIDTH and AVERAGE-BANDWIDTH want it.
measure_bandwidth() {
  local seconds segment
  sed -n 's/^#EXTINF:\([0-9.]*\),.*/\1/p; /^segment-/p' "$1/index.m3u8" | while read -r seconds && read -r segment; do
    echo "$seconds $(stat -c %s "$1/$segment")"
  done | awk '{ rate = $2 * 8 / $1; if (rate > peak) peak = rate; bytes += $2; time += $1 }
    END { printf "%d %d\n", peak + 1, bytes * 8 / time + 1 }'
}

# The three bytes after the version in the avcC box are profile, constraints and level (ISO/IEC 14496-15).
h264_codec() {
  local hex
  hex=$(od -An -v -tx1 "$1" | tr -d ' \n')
  hex=${hex#*61766343}
  echo "avc1.${hex:2:6}"
}

#!/usr/bin/env bash
# Checks courses against the folder format: ids, references, links, captions, and media that decode and last as long as they say.
#
#   ./check.sh                 every course beside this script
#   ./check.sh <folder>...     these courses
set -euo pipefail
export LC_ALL=C.UTF-8

readonly DURATION_TOLERANCE_SECONDS=0.2
readonly SLUG='^[a-z0-9]+(-[a-z0-9]+)*$'

faults=0

fault() {
  echo "$1" >&2
  faults=$((faults + 1))
}

front_matter() {
  awk '/^---$/ { fences++; next } fences == 1' "$1"
}

body_without_code() {
  awk '/^---$/ && fences < 2 { fences++; next }
    fences < 2 { next }
    fence == "" && match($0, /^(```+|~~~+)/) { fence = substr($0, 1, RLENGTH); next }
    fence != "" { if (index($0, fence) == 1) fence = ""; next }
    { print }' "$1"
}

field() {
  sed -n "s/^$2: *//p" <<<"$1" | head -n 1
}

# Lesson ids of course.yaml, in order.
outline_of() {
  sed -n 's/^    lessons: \[\(.*\)\]$/\1/p' "$1/course.yaml" | tr -d ' ' | tr ',' '\n'
}

media_duration() {
  ffprobe -v error -show_entries format=duration -of csv=p=0 "$1"
}

differs() {
  awk -v a="$1" -v b="$2" -v most="$DURATION_TOLERANCE_SECONDS" 'BEGIN { d = a - b; if (d < 0) d = -d; exit !(d > most) }'
}

check_decodes() {
  local errors
  errors=$(nice ffmpeg -nostdin -v error -i "$1" -f null - 2>&1) || true
  [[ -z $errors ]] || fault "$1 does not decode: ${errors%%$'\n'*}"
}

# Each segment alone must decode after its init segment: a player may start anywhere.
check_hls() {
  local master=$1 folder playlist segment alone
  folder=$(dirname "$master")
  grep -q '^#EXT-X-STREAM-INF:.*BANDWIDTH=.*CODECS=.*RESOLUTION=' "$master" || fault "$master: no BANDWIDTH, CODECS or RESOLUTION"
  alone=$(mktemp --suffix .mp4)
  while read -r playlist; do
    [[ -f $folder/$playlist ]] || { fault "$master: no $playlist"; continue; }
    check_decodes "$folder/$playlist"
    playlist=$(dirname "$folder/$playlist")
    for segment in "$playlist"/*.m4s; do
      cat "$playlist/init.mp4" "$segment" >"$alone"
      [[ -z $(ffmpeg -nostdin -v error -i "$alone" -f null - 2>&1) ]] || fault "$segment does not decode by itself"
    done
  done < <(grep -v '^#' "$master")
  rm -f "$alone"
}

check_captions() {
  local file=$1 seconds=$2 problem
  problem=$(awk -v most="$seconds" '
    function at(time, part) { split(time, part, ":"); return part[1] * 3600 + part[2] * 60 + part[3] }
    NR == 1 && $0 != "WEBVTT" { print "no WEBVTT in line 1"; exit }
    / --> / {
      cues++; start = at($1); end = at($3)
      if (start >= end) { print "line " NR ": empty cue"; exit }
      if (start < previous) { print "line " NR ": starts before the previous cue ends"; exit }
      if (end > most) { print "line " NR ": ends after the media"; exit }
      previous = end
    }
    END { if (!cues) print "no cues" }' "$file")
  [[ -z $problem ]] || fault "$file: $problem"
}

check_lesson() {
  local course=$1 lesson=$2 file matter kind media seconds measured path target
  file=$course/lessons/$lesson.md
  [[ -f $file ]] || { fault "$file is missing"; return; }
  matter=$(front_matter "$file")
  kind=$(field "$matter" kind)
  media=$(field "$matter" media)
  seconds=$(field "$matter" durationSeconds)

  [[ -n $(field "$matter" title) ]] || fault "$file: no title"
  case $kind in
    article) [[ -z $media$seconds ]] || fault "$file: an article has no media" ;;
    audio | video) [[ -n $media ]] || fault "$file: $kind needs media" ;;
    *) fault "$file: kind is '$kind'" ;;
  esac

  while read -r path; do
    [[ -f $course/$path ]] || fault "$file: no $path"
    referenced+=("$path")
  done < <(
    sed -nE 's/^(media|transcript|chapters|    file): *//p' <<<"$matter"
    body_without_code "$file" | grep -oP '!\[[^]]*\]\(\K[^)]+' || true
  )
  while read -r target; do
    outline_of "$course" | grep -qx "$target" || fault "$file: links to the unknown lesson $target"
  done < <(body_without_code "$file" | grep -oP '\]\(lesson:\K[^)]+' || true)
  if body_without_code "$file" | grep -q '^# '; then fault "$file: the title is the h1, start at ##"; fi

  [[ -n $media && -f $course/$media ]] || return 0
  check_decodes "$course/$media"
  [[ $media != *.m3u8 ]] || check_hls "$course/$media"
  measured=$(media_duration "$course/$media")
  if [[ -n $seconds ]] && differs "$measured" "$seconds"; then fault "$file: says $seconds s, $media lasts $measured s"; fi
  while read -r path; do check_captions "$course/$path" "$measured"; done < <(sed -n 's/^    file: *//p' <<<"$matter")
}

check_course() {
  local course=$1 lesson file image referenced=()
  for lesson in $(outline_of "$course"); do
    [[ $lesson =~ $SLUG ]] || fault "$course: '$lesson' is not a slug"
    check_lesson "$course" "$lesson"
  done
  for file in "$course"/lessons/*.md; do
    outline_of "$course" | grep -qx "$(basename "$file" .md)" || fault "$file is in no module"
  done
  image=$(field "$(cat "$course/course.yaml")" image)
  [[ -z $image || -f $course/$image ]] || fault "$course: no $image"
  referenced+=("$image")
  while read -r file; do
    is_referenced "$file" "${referenced[@]}" || fault "$course/$file is referenced by nothing"
  done < <(cd "$course" && find media -type f | sort)
}

is_referenced() {
  local file=$1 reference
  shift
  for reference in "$@"; do
    [[ $file != "$reference" ]] || return 0
    [[ $reference != *.m3u8 || $file != "$(dirname "$reference")"/* ]] || return 0
  done
  return 1
}

here=$(cd "$(dirname "$0")" && pwd)
(($#)) || set -- "$here"/*/
for course in "$@"; do
  before=$faults
  check_course "${course%/}"
  ((faults > before)) || echo "$(basename "$course"): $(outline_of "${course%/}" | wc -l) lessons, all good"
done
((faults == 0))

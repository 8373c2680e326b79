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

# A player may start with any segment, in any rendition, and go on in another.
check_stream() {
  local master=$1 seconds=$2 folder rendition segment captions first=''
  folder=$(dirname "$master")
  grep -q '^#EXT-X-STREAM-INF:.*BANDWIDTH=.*CODECS=.*RESOLUTION=' "$master" || fault "$master: no BANDWIDTH, CODECS or RESOLUTION"
  while read -r rendition; do
    rendition=$folder/$rendition
    [[ -f $rendition ]] || { fault "$master: no $rendition"; continue; }
    check_decodes "$rendition"
    check_seeking "$rendition" "$seconds"
    for segment in "$(dirname "$rendition")"/*.ts; do check_decodes "$segment"; done
    : "${first:=$rendition}"
    [[ $(segment_times "$rendition") == "$(segment_times "$first")" ]] || fault "$rendition: other segments than $first"
  done < <(grep -v '^#' "$master")

  while read -r captions; do
    captions=$folder/$captions
    [[ -f $captions ]] || { fault "$master: no $captions"; continue; }
    segment=$(dirname "$captions")/$(grep -v '^#' "$captions")
    [[ -f $segment ]] || { fault "$captions: no $segment"; continue; }
    grep -q '^X-TIMESTAMP-MAP=' "$segment" || fault "$segment: does not say where the stream starts"
    check_captions "$segment" "$seconds"
  done < <(sed -n 's/^#EXT-X-MEDIA:.*URI="\([^"]*\)".*/\1/p' "$master")
}

# When each segment starts, by its first picture, and how long it lasts.
segment_times() {
  local segment
  grep '^#EXTINF' "$1"
  for segment in "$(dirname "$1")"/*.ts; do
    ffprobe -v error -select_streams v -show_entries packet=pts,flags -read_intervals '%+#1' -of csv=p=0 "$segment"
  done
}

# From each of these places ffmpeg must show all pictures that are left.
check_seeking() {
  local playlist=$1 seconds=$2 all at shown
  all=$(pictures_in "$playlist")
  for at in 0 1 $((${seconds%.*} / 2)) $((${seconds%.*} - 1)); do
    shown=$(pictures_in "$playlist" -ss "$at")
    if differs "$(awk -v n="$shown" -v all="$all" -v s="$seconds" 'BEGIN { print n * s / all }')" \
      "$(awk -v at="$at" -v s="$seconds" 'BEGIN { print s - at }')"; then
      fault "$playlist: sought to $at s, ffmpeg shows $shown of $all pictures"
    fi
  done
}

pictures_in() {
  ffmpeg -nostdin -v error "${@:2}" -i "$1" -map 0:v -f framecrc - | awk '/^0,/ { n++ } END { print n + 0 }'
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
  local course=$1 lesson=$2 file matter kind media stream seconds measured path target
  file=$course/lessons/$lesson.md
  [[ -f $file ]] || { fault "$file is missing"; return; }
  matter=$(front_matter "$file")
  kind=$(field "$matter" kind)
  media=$(field "$matter" media)
  stream=$(field "$matter" stream)
  seconds=$(field "$matter" durationSeconds)

  [[ -n $(field "$matter" title) ]] || fault "$file: no title"
  case $kind in
    article) [[ -z $media$stream$seconds ]] || fault "$file: an article has no media" ;;
    audio | video) [[ -n $media ]] || fault "$file: $kind needs media" ;;
    *) fault "$file: kind is '$kind'" ;;
  esac

  while read -r path; do
    [[ -f $course/$path ]] || fault "$file: no $path"
    referenced+=("$path")
  done < <(
    sed -nE 's/^(media|stream|transcript|chapters|    file): *//p' <<<"$matter"
    body_without_code "$file" | grep -oP '!\[[^]]*\]\(\K[^)]+' || true
  )
  while read -r target; do
    outline_of "$course" | grep -qx "$target" || fault "$file: links to the unknown lesson $target"
  done < <(body_without_code "$file" | grep -oP '\]\(lesson:\K[^)]+' || true)
  if body_without_code "$file" | grep -q '^# '; then fault "$file: the title is the h1, start at ##"; fi

  [[ -n $media && -f $course/$media ]] || return 0
  check_decodes "$course/$media"
  measured=$(media_duration "$course/$media")
  [[ $media != *.m3u8 ]] || stream=$media
  [[ -z $stream || ! -f $course/$stream ]] || check_stream "$course/$stream" "$measured"
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

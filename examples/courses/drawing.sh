# Pictures and slides, to be sourced: shapes and texts are collected in SCENE and drawn by one ffmpeg filter graph.
# In a video a shape is there from SHOW_FROM until SHOW_UNTIL (seconds); in a picture both are empty.

readonly FONT=/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
readonly BOLD=/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf

readonly INK=0x1b2440 PAPER=0xfaf7f0 MUTED=0x6b7289 PALE=0xd9dde8 BLUE=0x2f6db5 ORANGE=0xe07a1f GREEN=0x2f8f6b

require_drawing_tools() {
  command -v ffmpeg >/dev/null || { echo "missing: ffmpeg (Debian: apt-get install ffmpeg)" >&2; exit 1; }
  [[ -r $FONT && -r $BOLD ]] || { echo "missing: DejaVu fonts (Debian: apt-get install fonts-dejavu-core)" >&2; exit 1; }
}

new_scene() {
  SCENE=() SHOW_FROM='' SHOW_UNTIL=''
}

shown() {
  [[ -z $SHOW_FROM ]] || printf ":enable='between(t,%s,%s)'" "$SHOW_FROM" "${SHOW_UNTIL:-9999}"
}

# x y width height colour
draw_box() {
  SCENE+=("drawbox=x=$1:y=$2:w=$3:h=$4:color=$5:t=fill$(shown)")
}

# x y width height colour line-width
draw_frame() {
  SCENE+=("drawbox=x=$1:y=$2:w=$3:h=$4:color=$5:t=$6$(shown)")
}

# x baseline size colour text [font]: x may use text_w, as in 400-text_w/2 for a centred text.
# The text goes through a file: it needs no escaping then.
draw_text() {
  local file="$WORK/text-${#SCENE[@]}" fade=''
  printf '%s' "$5" >"$file"
  [[ -z $SHOW_FROM ]] || fade=":alpha='clip((t-$SHOW_FROM)/0.35,0,1)'"
  SCENE+=("drawtext=fontfile=${6:-$FONT}:textfile=$file:expansion=none:fontsize=$3:fontcolor=$4:x='$1':y='$2-ascent'$fade$(shown)")
}

draw_bold() {
  draw_text "$1" "$2" "$3" "$4" "$5" "$BOLD"
}

# x baseline width height colour: a bar that grows from its baseline in half a second.
draw_growing_bar() {
  local step steps=10 first=$SHOW_FROM
  for ((step = 1; step <= steps; step++)); do
    SHOW_FROM=$(awk -v t="$first" -v i="$step" -v n="$steps" 'BEGIN { printf "%.3f", t + 0.5 * (i - 1) / n }')
    draw_box "$1" $(($2 - $4 * step / steps)) "$3" $(($4 * step / steps)) "$5"
  done
  SHOW_FROM=$first
}

# Writes SCENE as a filter graph for ffmpeg's -filter_script.
scene_graph() {
  (IFS=,; printf '%s' "format=rgb24,${SCENE[*]}") >"$1"
}

# width height background file
draw_picture() {
  scene_graph "$WORK/picture.graph"
  ffmpeg -nostdin -v error -y -f lavfi -i "color=c=$3:s=$1x$2" -frames:v 1 -filter_script:v "$WORK/picture.graph" \
    -pix_fmt rgb24 -compression_level 9 -pred mixed -flags +bitexact -fflags +bitexact "$4"
}

#!/usr/bin/env bash
# Makes the media of this course: three diagrams and the cover.
#
#   ./make-media.sh            make everything
#   ./make-media.sh --check    check what is there
set -euo pipefail
export LC_ALL=C.UTF-8

course=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../drawing.sh
source "$course/../drawing.sh"

if [[ ${1:-} == --check ]]; then exec "$course/../check.sh" "$course"; fi

require_drawing_tools
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# x y colour text: a box of 200 by 60 with its text in the middle.
draw_idea() {
  draw_box "$1" "$2" 200 60 "$3"
  draw_bold "$1+100-text_w/2" $(($2 + 37)) 20 white "$4"
}

# x1 x2 y: a level arrow
draw_arrow() {
  draw_box "$1" $(($3 - 1)) $(($2 - $1 - 12)) 3 $MUTED
  draw_text "$2-text_w" $(($3 + 8)) 22 $MUTED '▶'
}

draw_idea_map() {
  new_scene
  draw_idea 30 120 $ORANGE 'air pressure'
  draw_idea 290 60 $BLUE 'isobars'
  draw_idea 290 180 $BLUE 'wind'
  draw_idea 530 60 $BLUE 'highs and lows'
  draw_idea 290 300 $ORANGE 'fronts'
  draw_idea 770 180 $GREEN 'reading the map'
  # From air pressure, up to isobars and down to wind
  draw_box 230 149 30 3 $MUTED
  draw_box 258 90 3 122 $MUTED
  draw_arrow 258 288 90
  draw_arrow 258 288 210
  draw_arrow 490 528 90
  # From highs and lows, wind and fronts to reading the map
  draw_box 730 89 20 3 $MUTED
  draw_box 748 89 3 244 $MUTED
  draw_box 490 330 260 3 $MUTED
  draw_arrow 490 768 210
  draw_text 30 398 18 $MUTED 'Orange ideas need no other. Green is the promise.'
  draw_picture 1000 420 "$PAPER" "$course/media/idea-map.png"
}

draw_fading() {
  local example step x y
  new_scene
  for example in 1 2 3 4; do
    y=$((30 + (example - 1) * 76))
    draw_bold 30 $((y + 36)) 22 $INK "Example $example"
    for step in 1 2 3 4; do
      x=$((190 + (step - 1) * 190))
      if ((step <= 5 - example)); then
        draw_box "$x" "$y" 180 56 $BLUE
        draw_text "$x+90-text_w/2" $((y + 35)) 20 white "step $step shown"
      else
        draw_frame "$x" "$y" 180 56 $ORANGE 3
        draw_text "$x+90-text_w/2" $((y + 35)) 20 $INK 'your turn'
      fi
    done
  done
  draw_picture 980 350 "$PAPER" "$course/media/fading.png"
}

# The share of ideas recalled: Roediger and Karpicke, Psychological Science 17 (2006), experiment 1.
draw_retrieval() {
  local delays=('after 5 minutes' 'after 2 days' 'after 1 week') reread=(81 54 42) tested=(75 68 56) i x
  new_scene
  draw_bold 40 48 24 $INK 'Share of the text that was recalled'
  draw_box 620 26 22 22 $MUTED
  draw_text 652 45 20 $INK 'read again'
  draw_box 780 26 22 22 $ORANGE
  draw_text 812 45 20 $INK 'tested'
  draw_box 40 360 880 3 $INK
  for i in 0 1 2; do
    x=$((90 + i * 300))
    draw_box "$x" $((360 - reread[i] * 3)) 90 $((reread[i] * 3)) $MUTED
    draw_box $((x + 100)) $((360 - tested[i] * 3)) 90 $((tested[i] * 3)) $ORANGE
    draw_bold "$x+45-text_w/2" $((350 - reread[i] * 3)) 22 $INK "${reread[i]} %"
    draw_bold "$x+145-text_w/2" $((350 - tested[i] * 3)) 22 $INK "${tested[i]} %"
    draw_text "$x+95-text_w/2" 392 20 $INK "${delays[i]}"
  done
  draw_picture 960 420 "$PAPER" "$course/media/retrieval.png"
}

draw_cover() {
  local widths=(300 260 320 180) i
  new_scene
  draw_bold 60 108 44 white 'Writing that teaches'
  draw_text 60 152 22 0xdcefe6 'Lessons that work when you are not in the room'
  draw_box 380 200 360 250 $PAPER
  draw_bold 410 250 26 $INK 'You can …'
  for i in "${!widths[@]}"; do
    draw_box 410 $((280 + i * 36)) "${widths[i]}" 12 "$([[ $i == 2 ]] && echo $ORANGE || echo $PALE)"
  done
  draw_box 60 200 280 250 0x24725a
  draw_bold '200-text_w/2' 365 120 0xfaf7f0 '¶'
  draw_picture 800 450 "$GREEN" "$course/media/cover.png"
}

draw_idea_map
draw_fading
draw_retrieval
draw_cover

// The marks of the classes: disc, triangle, square, diamond, cross, downward triangle.

/** How many marks there are; more classes take them again. */
export const MARKS = 6;

/** Draw the mark of class k, with an edge that sets it off from the ground. */
export function drawMark(context, k, x, y, radius, colour, edge) {
  context.beginPath();
  SHAPES[Math.abs(Math.round(k)) % MARKS](context, x, y, radius);
  context.lineWidth = radius / 1.7;
  context.strokeStyle = edge;
  context.lineJoin = "round";
  context.stroke();
  context.fillStyle = colour;
  context.fill();
}

const SHAPES = [
  (context, x, y, r) => context.arc(x, y, 0.92 * r, 0, 2 * Math.PI),
  (context, x, y, r) => polygon(context, x, y + 0.12 * r, 1.25 * r, 3, -90),
  (context, x, y, r) => polygon(context, x, y, 1.2 * r, 4, 45),
  (context, x, y, r) => polygon(context, x, y, 1.3 * r, 4, 0),
  (context, x, y, r) => cross(context, x, y, r),
  (context, x, y, r) => polygon(context, x, y - 0.12 * r, 1.25 * r, 3, 90),
];

function polygon(context, x, y, r, corners, turn) {
  for (let k = 0; k < corners; k += 1) {
    const angle = ((turn + (360 * k) / corners) * Math.PI) / 180;
    const [px, py] = [x + r * Math.cos(angle), y + r * Math.sin(angle)];
    if (k === 0) context.moveTo(px, py);
    else context.lineTo(px, py);
  }
  context.closePath();
}

function cross(context, x, y, r) {
  const [a, b] = [0.4 * r, 1.1 * r];
  const corners = [[-a, -b], [a, -b], [a, -a], [b, -a], [b, a], [a, a], [a, b], [-a, b], [-a, a], [-b, a], [-b, -a], [-a, -a]];
  for (const [k, [dx, dy]] of corners.entries()) {
    if (k === 0) context.moveTo(x + dx, y + dy);
    else context.lineTo(x + dx, y + dy);
  }
  context.closePath();
}

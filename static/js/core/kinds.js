/** The kinds of frames (`FrameKind` of profiler/core/frame.py): what they are called and which hues they have. */

/**
 * By `FrameKind`: ranges of hues in degrees, chroma, and how much lighter the last hue is than the first (yellow is only
 * yellow when it is light). Native leaves orange to the kernel. `legend` names the kind, null where the frame says so itself.
 */
export const KINDS = [
  { key: "process", legend: "process", hues: [[262, 262]], chroma: 0.035 },
  { key: "native", legend: "native", hues: [[16, 36], [82, 100]], chroma: 0.115, rise: 0.05 },
  { key: "kernel", legend: "kernel", hues: [[52, 60]], chroma: 0.165 },
  { key: "python", legend: "Python", hues: [[246, 258]], chroma: 0.105 },
  { key: "java", legend: "Java", hues: [[142, 154]], chroma: 0.12 },
  { key: "javascript", legend: "JavaScript", hues: [[296, 310]], chroma: 0.11 },
  { key: "jit", legend: "JIT", hues: [[164, 176]], chroma: 0.1 },
  { key: "inlined", legend: "inlined", hues: [[198, 208]], chroma: 0.05 },
  { key: "placeholder", legend: "cut, unknown or idle", hues: [[260, 260]], chroma: 0.006 },
  { key: "root", legend: null, hues: [[260, 260]], chroma: 0.012 },
];
export const PLACEHOLDER = 8;
export const ROOT = 9;

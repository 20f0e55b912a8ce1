//! What the help of `map` tells beside its options.

/// Of `map`.
pub const EXAMPLES: &str = "\
Examples:
  freemkv map show disc.iso.map
  freemkv map picture disc.iso.map --spiral
  freemkv map merge one.iso two.iso -o both.iso";

/// Of `map show`.
pub const SHOW_EXAMPLES: &str = "\
Examples:
  freemkv map show disc.iso.map          what is missing, and what lies there in disc.iso
  freemkv map show disc.iso.map --json   every missing range, for a script
  freemkv map show ddrescue.map --image copy.iso";

/// Behind the options of `map show`.
pub const SHOW: &str = "\
Statuses of a map: ? not tried, * failed in a long read, / failed alone, - bad, + rescued.

Exit codes: 0 shown, 1 a map or the image cannot be read, 3 the image has nothing but holes where the map says rescued \
(a copy that keeps no zeros has them too).";

/// Of `map picture`.
pub const PICTURE_EXAMPLES: &str = "\
Examples:
  freemkv map picture disc.iso.map
  freemkv map picture disc.iso.map --spiral
  freemkv map picture disc.iso.map --spiral --png disc.png --svg disc.svg";

/// Behind the options of `map picture`.
pub const PICTURE: &str = "\
The spiral is the disc as it lies, seen from the side that is read: constant linear velocity, from the inside outwards, the \
second layer back again. A scratch across the tracks is an arm of failed units, a fingerprint or a ring of rot is a patch.

Exit codes: 0 drawn, 1 failed, 2 a file is in the way.";

/// Of `map convert`.
pub const CONVERT_EXAMPLES: &str = "\
Examples:
  freemkv map convert disc.iso.map --to blocks                      the sectors that are not rescued
  freemkv map convert disc.iso.map --to blocks --status - -o bad    those that are bad, into a file
  freemkv map convert disc.iso.map --to json | jq '.blocks[0]'";

/// Behind the options of `map convert`.
pub const CONVERT: &str = "\
A block is listed when any byte of it has one of the statuses, as ddrescuelog -l does.

Exit codes: 0 written, 1 failed, 2 a file is in the way.";

/// Of `map and`.
pub const AND_EXAMPLES: &str = "\
Examples:
  freemkv map and one.map two.map > both.map";

/// Of `map or`.
pub const OR_EXAMPLES: &str = "\
Examples:
  freemkv map or one.map two.map -o either.map";

/// Of `map xor`.
pub const XOR_EXAMPLES: &str = "\
Examples:
  freemkv map xor one.map two.map -o one-only.map";

/// Behind the options of `map and`, `or` and `xor`.
pub const SETS: &str = "\
The result is the first map, but for what becomes rescued (+), and what was rescued in it and is no more (-). Bytes that \
only one map speaks of are not tried in the other.

Exit codes: 0 written, 1 failed, 2 a file is in the way.";

/// Of `map invert`.
pub const INVERT_EXAMPLES: &str = "\
Examples:
  freemkv map invert disc.iso.map -o missing.map
  ddrescue -m missing.map /dev/sr0 copy.iso copy.map";

/// Behind the options of `map invert`.
pub const INVERT: &str = "\
What is rescued becomes bad (-), everything else rescued (+).

Exit codes: 0 written, 1 failed, 2 a file is in the way.";

/// Of `map compare`.
pub const COMPARE_EXAMPLES: &str = "\
Examples:
  freemkv map compare before.map disc.iso.map
  freemkv map compare before.map disc.iso.map --rescued && echo nothing new";

/// Behind the options of `map compare`.
pub const COMPARE: &str = "Exit codes: 0 equal, 1 a map cannot be read, 3 different.";

/// Of `map merge`.
pub const MERGE_EXAMPLES: &str = "\
Examples:
  freemkv map merge one.iso two.iso -o both.iso      images of one disc, each with its map beside it
  freemkv map merge one.map two.map --maps-only -o both.map";

/// Behind the options of `map merge`.
pub const MERGE: &str = "\
Of each sector the first image that has it is taken. What two images have must be the same in both: where it is not, they \
are of different discs, or one of them is wrong. The new image gets its own map.

Exit codes: 0 nothing is missing, 1 failed, 2 something is in the way, 3 data is missing, 5 the images differ or \
nothing shows that they are of one disc.";

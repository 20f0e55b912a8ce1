"""Masters a UDF 2.50 volume with a metadata partition and its mirror (ECMA-167 3rd edition, OSTA UDF 2.50).

The volume is the one Blu-ray asks for: read-only, one physical partition, directories and file entries in the
metadata partition, contents in the physical one. Every file lies in one piece unless it is told otherwise.
"""
import binascii
import hashlib
import struct
from dataclasses import dataclass, field

SECTOR = 2048
UNIT = 32  # sectors of one ECC unit of a Blu-ray; what must be aligned is aligned to it
PARTITION_START = 9 * UNIT
MAIN_SEQUENCE, INTEGRITY_SEQUENCE, ANCHOR = 32, 64, 256
SEQUENCE_SECTORS, INTEGRITY_SECTORS = 16, 4

# Tag identifiers (ECMA-167 3/7.2.1, 4/7.2.1).
PRIMARY, ANCHOR_POINTER, IMPLEMENTATION_USE, PARTITION = 1, 2, 4, 5
LOGICAL, UNALLOCATED, TERMINATOR, INTEGRITY = 6, 7, 8, 9
FILE_SET, FILE_IDENTIFIER, EXTENDED_FILE_ENTRY = 256, 257, 266
# File types of an ICB (ECMA-167 4/14.6.6, UDF 2.3.5.2).
DIRECTORY, PLAIN, REALTIME, METADATA, METADATA_MIRROR = 4, 5, 249, 250, 251
SHORT, LONG, EMBEDDED = 0, 1, 3  # allocation descriptors, the low three bits of the flags of an ICB tag
MAX_EXTENT = (1 << 30) - SECTOR

CHARSET = b"\0OSTA Compressed Unicode".ljust(64, b"\0")
REVISION = 0x0250


def sectors(length):
    """How many sectors hold `length` bytes."""
    return -(-length // SECTOR)


def aligned(number, to=UNIT):
    """`number` rounded up to a multiple of `to`."""
    return -(-number // to) * to


def padded(content):
    """`content` filled up with zeros to whole sectors."""
    return content.ljust(sectors(len(content)) * SECTOR, b"\0")


def tag(identifier, body, location, serial=1):
    """A descriptor: its tag (ECMA-167 3/7.2) with checksum and CRC over the whole of `body`, then `body`."""
    crc = binascii.crc_hqx(body, 0)
    head = bytearray(struct.pack("<HHBBHHHI", identifier, 3, 0, 0, serial, crc, len(body), location))
    head[4] = sum(head) & 255
    return bytes(head) + body


def compressed(text):
    """OSTA compressed Unicode: 8 bits a character where they suffice, else 16 (UDF 2.1.1)."""
    if not text:
        return b""
    if all(ord(char) < 256 for char in text):
        return b"\x08" + text.encode("latin-1")
    return b"\x10" + text.encode("utf-16-be")


def dstring(text, length):
    """A fixed-length string with its used length in the last byte (ECMA-167 1/7.2.12)."""
    coded = compressed(text)
    if len(coded) >= length:
        raise ValueError(f"{text!r} does not fit into {length} bytes")
    return coded.ljust(length - 1, b"\0") + bytes([len(coded)])


def timestamp(date):
    """`date` is (year, month, day, hour, minute, second), UTC (ECMA-167 1/7.3)."""
    return struct.pack("<HH5B3x", 1 << 12, *date)


def entity(identifier, suffix=b""):
    """An entity identifier (ECMA-167 1/7.4)."""
    return b"\0" + identifier.encode().ljust(23, b"\0") + suffix.ljust(8, b"\0")


DEVELOPER = entity("*freemkv")
DOMAIN = entity("*OSTA UDF Compliant", struct.pack("<HB", REVISION, 3))  # 3: hard and soft write protection
UDF_SUFFIX = struct.pack("<HBB", REVISION, 4, 0)  # 4: Unix, 0: generic


def long_ad(length, block, partition, unique=0):
    """A long allocation descriptor; the low 32 bits of the unique id lie in its implementation use (UDF 2.3.4.3)."""
    return struct.pack("<IIHHI", length, block, partition, 0, unique & 0xFFFFFFFF)


@dataclass
class Node:
    """A file or a directory of the volume. Blocks are of the metadata partition for directories and for every ICB."""
    name: str
    kind: int = PLAIN
    content: bytes = b""
    align: int = 1
    max_extent: int = MAX_EXTENT
    children: dict = field(default_factory=dict)
    parent: object = None
    unique: int = 0
    icb: int = 0
    block: int = 0  # of a directory's identifiers
    extents: list = field(default_factory=list)  # (absolute sector, bytes)


class Volume:
    """A volume to be: add files, then `build`. They lie on the disc in the order in which they were added."""

    def __init__(self, label, date=(2025, 1, 1, 0, 0, 0)):
        self.label, self.date = label, timestamp(date)
        self.root = Node("", DIRECTORY)
        self.root.parent = self.root
        self.files = []

    def directory(self, path):
        """The directory `path`, made if it is missing."""
        node = self.root
        for name in filter(None, path.split("/")):
            if name not in node.children:
                node.children[name] = Node(name, DIRECTORY, parent=node)
            node = node.children[name]
        return node

    def add(self, path, content, kind=PLAIN, align=1, max_extent=MAX_EXTENT):
        """Adds a file. Its extents start at multiples of `align` sectors and have `max_extent` bytes, whole sectors."""
        folder, _, name = path.rpartition("/")
        parent = self.directory(folder)
        node = Node(name, kind, content, align, max_extent, parent=parent)
        parent.children[name] = node
        self.files.append(node)

    def extents(self, path):
        """Where a file lies after `build`: a list of (absolute sector, bytes)."""
        node = self.root
        for name in path.split("/"):
            node = node.children[name]
        return node.extents

    def build(self):
        """The whole volume as bytes."""
        nodes = self._nodes()
        metadata_length = self._place_metadata(nodes)
        self.metadata_start = UNIT  # block of the partition; block 0 is the metadata file's own entry
        end = self._place_files(PARTITION_START + self.metadata_start + metadata_length)
        self.mirror_start = aligned(end) - PARTITION_START
        self.metadata_length = metadata_length
        # The mirror's entry is the partition's last block, as far from the main one as can be (UDF 2.2.13).
        self.partition_length = aligned(self.mirror_start + metadata_length + 1)
        self.total = PARTITION_START + self.partition_length + UNIT
        image = bytearray(self.total * SECTOR)

        def put(sector, content):
            image[sector * SECTOR:sector * SECTOR + len(content)] = content

        self._put_recognition(put)
        reserve = self.total - UNIT
        for start in MAIN_SEQUENCE, reserve:
            self._put_sequence(put, start)
        put(INTEGRITY_SEQUENCE, self._integrity(nodes))
        put(INTEGRITY_SEQUENCE + 1, tag(TERMINATOR, bytes(496), INTEGRITY_SEQUENCE + 1))
        length = SEQUENCE_SECTORS * SECTOR
        for sector in ANCHOR, self.total - 1:
            put(sector, tag(ANCHOR_POINTER, struct.pack("<4I480x", length, MAIN_SEQUENCE, length, reserve), sector))
        metadata = self._metadata(nodes)
        for start, entry, kind in ((self.metadata_start, 0, METADATA),
                                   (self.mirror_start, self.partition_length - 1, METADATA_MIRROR)):
            put(PARTITION_START + start, metadata)
            put(PARTITION_START + entry, self._metadata_entry(kind, start, entry))
        for node in self.files:
            done = 0
            for sector, length in node.extents:
                put(sector, node.content[done:done + length])
                done += length
        return bytes(image)

    def _nodes(self):
        """Every node, directories first; gives unique ids, 0 for the root, the others from 16 (UDF 3.2.1)."""
        nodes = [self.root]
        for node in nodes:
            nodes.extend(child for child in node.children.values() if child.kind == DIRECTORY)
        nodes.extend(self.files)
        for number, node in enumerate(nodes[1:], 16):
            node.unique = number
        self.next_unique = 16 + len(nodes) - 1
        return nodes

    def _place_metadata(self, nodes):
        """Gives each ICB and directory its blocks behind the file set. Returns the partition's length in blocks."""
        block = 2
        for node in nodes:
            node.icb = block
            block += 1
            if node.kind == DIRECTORY:
                node.block = block
                block += sectors(len(self._identifiers(node)))
        return aligned(block)

    def _place_files(self, sector):
        """Gives each file its extents from `sector` on. Returns the sector behind the last."""
        for node in self.files:
            node.extents = []
            left = len(node.content)
            while left:
                length = min(left, node.max_extent)
                if node.extents and node.max_extent < MAX_EXTENT:
                    sector += 1  # a gap, so that pieces really lie apart
                sector = aligned(sector, node.align)
                node.extents.append((sector, length))
                sector += sectors(length)
                left -= length
            sector = aligned(sector, node.align)
        return sector

    def _identifiers(self, folder):
        """The contents of a directory: identifiers of its parent and of its children (ECMA-167 4/14.4)."""
        out = bytearray()
        for node, name, flags in [(folder.parent, "", 0x0A)] + [
                (child, child.name, 0x02 if child.kind == DIRECTORY else 0) for child in folder.children.values()]:
            coded = compressed(name)
            body = struct.pack("<HBB", 1, flags, len(coded)) + long_ad(SECTOR, node.icb, 1, node.unique)
            body += struct.pack("<H", 0) + coded
            body = body.ljust(aligned(16 + len(body), 4) - 16, b"\0")
            out += tag(FILE_IDENTIFIER, body, folder.block + len(out) // SECTOR)
        return bytes(out)

    def _entry(self, kind, location, length, allocation, descriptors, links=1, unique=0, blocks=None):
        """An extended file entry (ECMA-167 4/14.17)."""
        readable = 0x14A5 if kind == DIRECTORY else 0x1084
        blocks = sectors(length) if blocks is None else blocks
        icb = struct.pack("<IHHHBBIHH", 0, 4, 0, 1, 0, kind, 0, 0, allocation)
        body = icb + struct.pack("<IIIHBBI", 0xFFFFFFFF, 0xFFFFFFFF, readable, links, 0, 0, 0)
        body += struct.pack("<QQQ", length, length, blocks) + self.date * 4
        body += struct.pack("<II", 1, 0) + bytes(32) + DEVELOPER
        body += struct.pack("<QII", unique, 0, len(descriptors)) + descriptors
        return tag(EXTENDED_FILE_ENTRY, body, location)

    def _metadata_entry(self, kind, start, entry):
        length = self.metadata_length * SECTOR
        return self._entry(kind, entry, length, SHORT, struct.pack("<II", length, start), 0)

    def _metadata(self, nodes):
        """The metadata partition: file set, ICBs, directories."""
        out = bytearray(self.metadata_length * SECTOR)

        def put(block, content):
            out[block * SECTOR:block * SECTOR + len(content)] = content

        put(0, self._file_set())
        put(1, tag(TERMINATOR, bytes(496), 1))
        for node in nodes:
            if node.kind == DIRECTORY:
                content = self._identifiers(node)
                put(node.block, content)
                folders = sum(child.kind == DIRECTORY for child in node.children.values())
                put(node.icb, self._entry(DIRECTORY, node.icb, len(content), SHORT,
                                          struct.pack("<II", len(content), node.block), 1 + folders, node.unique))
                continue
            # The ICB lies in partition 1, the contents in partition 0: only long descriptors can say that.
            descriptors = b"".join(long_ad(length, sector - PARTITION_START, 0) for sector, length in node.extents)
            blocks = sum(sectors(length) for _, length in node.extents)
            put(node.icb, self._entry(node.kind, node.icb, len(node.content), LONG, descriptors, 1, node.unique,
                                      blocks))
        return bytes(out)

    def _file_set(self):
        """The file set descriptor (ECMA-167 4/14.1)."""
        body = self.date + struct.pack("<HHIIII", 3, 3, 1, 1, 0, 0) + CHARSET + dstring(self.label, 128)
        body += CHARSET + dstring(self.label[:30], 32) + bytes(64) + long_ad(SECTOR, self.root.icb, 1) + DOMAIN
        return tag(FILE_SET, body + bytes(16 + 16 + 32), 0)

    def _put_recognition(self, put):
        """The volume recognition sequence (ECMA-167 2/9)."""
        for sector, name in enumerate((b"BEA01", b"NSR03", b"TEA01"), 16):
            put(sector, b"\0" + name + b"\x01")

    def _put_sequence(self, put, start):
        """A volume descriptor sequence (ECMA-167 3/8.4.2)."""
        descriptors = ((PRIMARY, self._primary()), (IMPLEMENTATION_USE, self._implementation_use()),
                       (PARTITION, self._partition()), (LOGICAL, self._logical()),
                       (UNALLOCATED, struct.pack("<II", 5, 0)), (TERMINATOR, bytes(496)))
        for sector, (identifier, body) in enumerate(descriptors, start):
            put(sector, tag(identifier, body, sector))

    def _primary(self):
        # A volume set name starts with 16 characters that no other set has (UDF 2.2.2.5).
        unique = hashlib.sha256(self.label.encode() + b"".join(node.content for node in self.files)).hexdigest()[:16]
        body = struct.pack("<II", 1, 0) + dstring(self.label[:30], 32) + struct.pack("<HHHHII", 1, 1, 2, 2, 1, 1)
        body += dstring(unique.upper() + self.label[:30], 128) + CHARSET + CHARSET + bytes(16) + entity("") + self.date
        return body + DEVELOPER + bytes(64) + struct.pack("<IH22x", 0, 1)

    def _implementation_use(self):
        body = struct.pack("<I", 2) + entity("*UDF LV Info", UDF_SUFFIX) + CHARSET + dstring(self.label, 128)
        return body + dstring("", 36) * 3 + DEVELOPER + bytes(128)

    def _partition(self):
        body = struct.pack("<IHH", 3, 1, 0) + entity("+NSR03") + bytes(128)
        return body + struct.pack("<III", 1, PARTITION_START, self.partition_length) + DEVELOPER + bytes(128 + 156)

    def _logical(self):
        """The logical volume descriptor with its two maps: 0 physical, 1 metadata (UDF 2.2.10)."""
        physical = struct.pack("<BBHH", 1, 6, 1, 0)
        metadata = struct.pack("<BBH", 2, 64, 0) + entity("*UDF Metadata Partition", UDF_SUFFIX)
        metadata += struct.pack("<HHIIIIHB5x", 1, 0, 0, self.partition_length - 1, 0xFFFFFFFF, UNIT, 1, 1)
        body = struct.pack("<I", 4) + CHARSET + dstring(self.label, 128) + struct.pack("<I", SECTOR) + DOMAIN
        body += long_ad(2 * SECTOR, 0, 1) + struct.pack("<II", len(physical + metadata), 2) + DEVELOPER + bytes(128)
        return body + struct.pack("<II", INTEGRITY_SECTORS * SECTOR, INTEGRITY_SEQUENCE) + physical + metadata

    def _integrity(self, nodes):
        """The logical volume integrity descriptor, closed (ECMA-167 3/10.10, UDF 2.2.6)."""
        folders = sum(node.kind == DIRECTORY for node in nodes)
        use = DEVELOPER + struct.pack("<IIHHH", len(nodes) - folders, folders, REVISION, REVISION, REVISION)
        body = self.date + struct.pack("<III", 1, 0, 0) + struct.pack("<Q24x", self.next_unique)
        body += struct.pack("<II", 2, len(use)) + struct.pack("<4I", 0, 0, self.partition_length, self.metadata_length)
        return tag(INTEGRITY, body + use, INTEGRITY_SEQUENCE)

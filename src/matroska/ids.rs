//! Element IDs of EBML (RFC 8794, section 11) and Matroska (RFC 9559, section 5), marker bits included.

/// Defines the IDs as constants, each documented by the name the RFC gives it.
macro_rules! ids {
    ($($name:ident = $value:literal, $rfc:literal;)*) => {$(
        #[doc = concat!("`", $rfc, "`.")]
        pub const $name: u32 = $value;
    )*};
}

// EBML itself.
ids! {
    EBML = 0x1A45_DFA3, "EBML";
    EBML_VERSION = 0x4286, "EBMLVersion";
    EBML_READ_VERSION = 0x42F7, "EBMLReadVersion";
    EBML_MAX_ID_LENGTH = 0x42F2, "EBMLMaxIDLength";
    EBML_MAX_SIZE_LENGTH = 0x42F3, "EBMLMaxSizeLength";
    DOC_TYPE = 0x4282, "DocType";
    DOC_TYPE_VERSION = 0x4287, "DocTypeVersion";
    DOC_TYPE_READ_VERSION = 0x4285, "DocTypeReadVersion";
    VOID = 0xEC, "Void";
    CRC_32 = 0xBF, "CRC-32";
}

// Segment, SeekHead, Info.
ids! {
    SEGMENT = 0x1853_8067, "Segment";
    SEEK_HEAD = 0x114D_9B74, "SeekHead";
    SEEK = 0x4DBB, "Seek";
    SEEK_ID = 0x53AB, "SeekID";
    SEEK_POSITION = 0x53AC, "SeekPosition";
    INFO = 0x1549_A966, "Info";
    SEGMENT_UUID = 0x73A4, "SegmentUUID";
    TIMESTAMP_SCALE = 0x2AD7B1, "TimestampScale";
    DURATION = 0x4489, "Duration";
    TITLE = 0x7BA9, "Title";
    MUXING_APP = 0x4D80, "MuxingApp";
    WRITING_APP = 0x5741, "WritingApp";
}

// Tracks.
ids! {
    TRACKS = 0x1654_AE6B, "Tracks";
    TRACK_ENTRY = 0xAE, "TrackEntry";
    TRACK_NUMBER = 0xD7, "TrackNumber";
    TRACK_UID = 0x73C5, "TrackUID";
    TRACK_TYPE = 0x83, "TrackType";
    FLAG_DEFAULT = 0x88, "FlagDefault";
    FLAG_FORCED = 0x55AA, "FlagForced";
    FLAG_HEARING_IMPAIRED = 0x55AB, "FlagHearingImpaired";
    FLAG_VISUAL_IMPAIRED = 0x55AC, "FlagVisualImpaired";
    FLAG_ORIGINAL = 0x55AE, "FlagOriginal";
    FLAG_COMMENTARY = 0x55AF, "FlagCommentary";
    FLAG_LACING = 0x9C, "FlagLacing";
    DEFAULT_DURATION = 0x23E383, "DefaultDuration";
    NAME = 0x536E, "Name";
    LANGUAGE = 0x22B59C, "Language";
    LANGUAGE_BCP47 = 0x22B59D, "LanguageBCP47";
    CODEC_ID = 0x86, "CodecID";
    CODEC_PRIVATE = 0x63A2, "CodecPrivate";
    BLOCK_ADDITION_MAPPING = 0x41E4, "BlockAdditionMapping";
    BLOCK_ADD_ID_NAME = 0x41A4, "BlockAddIDName";
    BLOCK_ADD_ID_TYPE = 0x41E7, "BlockAddIDType";
    BLOCK_ADD_ID_EXTRA_DATA = 0x41ED, "BlockAddIDExtraData";
    CONTENT_ENCODINGS = 0x6D80, "ContentEncodings";
    CONTENT_ENCODING = 0x6240, "ContentEncoding";
    CONTENT_ENCODING_ORDER = 0x5031, "ContentEncodingOrder";
    CONTENT_ENCODING_SCOPE = 0x5032, "ContentEncodingScope";
    CONTENT_ENCODING_TYPE = 0x5033, "ContentEncodingType";
    CONTENT_COMPRESSION = 0x5034, "ContentCompression";
    CONTENT_COMP_ALGO = 0x4254, "ContentCompAlgo";
}

// Video and Audio inside a TrackEntry.
ids! {
    VIDEO = 0xE0, "Video";
    FLAG_INTERLACED = 0x9A, "FlagInterlaced";
    FIELD_ORDER = 0x9D, "FieldOrder";
    STEREO_MODE = 0x53B8, "StereoMode";
    PIXEL_WIDTH = 0xB0, "PixelWidth";
    PIXEL_HEIGHT = 0xBA, "PixelHeight";
    DISPLAY_WIDTH = 0x54B0, "DisplayWidth";
    DISPLAY_HEIGHT = 0x54BA, "DisplayHeight";
    DISPLAY_UNIT = 0x54B2, "DisplayUnit";
    COLOUR = 0x55B0, "Colour";
    MATRIX_COEFFICIENTS = 0x55B1, "MatrixCoefficients";
    BITS_PER_CHANNEL = 0x55B2, "BitsPerChannel";
    CHROMA_SUBSAMPLING_HORZ = 0x55B3, "ChromaSubsamplingHorz";
    CHROMA_SUBSAMPLING_VERT = 0x55B4, "ChromaSubsamplingVert";
    CHROMA_SITING_HORZ = 0x55B7, "ChromaSitingHorz";
    CHROMA_SITING_VERT = 0x55B8, "ChromaSitingVert";
    RANGE = 0x55B9, "Range";
    TRANSFER_CHARACTERISTICS = 0x55BA, "TransferCharacteristics";
    PRIMARIES = 0x55BB, "Primaries";
    MAX_CLL = 0x55BC, "MaxCLL";
    MAX_FALL = 0x55BD, "MaxFALL";
    MASTERING_METADATA = 0x55D0, "MasteringMetadata";
    PRIMARY_R_CHROMATICITY_X = 0x55D1, "PrimaryRChromaticityX";
    PRIMARY_R_CHROMATICITY_Y = 0x55D2, "PrimaryRChromaticityY";
    PRIMARY_G_CHROMATICITY_X = 0x55D3, "PrimaryGChromaticityX";
    PRIMARY_G_CHROMATICITY_Y = 0x55D4, "PrimaryGChromaticityY";
    PRIMARY_B_CHROMATICITY_X = 0x55D5, "PrimaryBChromaticityX";
    PRIMARY_B_CHROMATICITY_Y = 0x55D6, "PrimaryBChromaticityY";
    WHITE_POINT_CHROMATICITY_X = 0x55D7, "WhitePointChromaticityX";
    WHITE_POINT_CHROMATICITY_Y = 0x55D8, "WhitePointChromaticityY";
    LUMINANCE_MAX = 0x55D9, "LuminanceMax";
    LUMINANCE_MIN = 0x55DA, "LuminanceMin";
    AUDIO = 0xE1, "Audio";
    SAMPLING_FREQUENCY = 0xB5, "SamplingFrequency";
    CHANNELS = 0x9F, "Channels";
    BIT_DEPTH = 0x6264, "BitDepth";
}

// Clusters and Cues.
ids! {
    CLUSTER = 0x1F43_B675, "Cluster";
    TIMESTAMP = 0xE7, "Timestamp";
    SIMPLE_BLOCK = 0xA3, "SimpleBlock";
    BLOCK_GROUP = 0xA0, "BlockGroup";
    BLOCK = 0xA1, "Block";
    BLOCK_DURATION = 0x9B, "BlockDuration";
    CUES = 0x1C53_BB6B, "Cues";
    CUE_POINT = 0xBB, "CuePoint";
    CUE_TIME = 0xB3, "CueTime";
    CUE_TRACK_POSITIONS = 0xB7, "CueTrackPositions";
    CUE_TRACK = 0xF7, "CueTrack";
    CUE_CLUSTER_POSITION = 0xF1, "CueClusterPosition";
    CUE_RELATIVE_POSITION = 0xF0, "CueRelativePosition";
    CUE_DURATION = 0xB2, "CueDuration";
}

// Chapters and Tags.
ids! {
    CHAPTERS = 0x1043_A770, "Chapters";
    EDITION_ENTRY = 0x45B9, "EditionEntry";
    EDITION_UID = 0x45BC, "EditionUID";
    EDITION_FLAG_HIDDEN = 0x45BD, "EditionFlagHidden";
    EDITION_FLAG_DEFAULT = 0x45DB, "EditionFlagDefault";
    EDITION_FLAG_ORDERED = 0x45DD, "EditionFlagOrdered";
    CHAPTER_ATOM = 0xB6, "ChapterAtom";
    CHAPTER_UID = 0x73C4, "ChapterUID";
    CHAPTER_TIME_START = 0x91, "ChapterTimeStart";
    CHAPTER_FLAG_HIDDEN = 0x98, "ChapterFlagHidden";
    CHAPTER_FLAG_ENABLED = 0x4598, "ChapterFlagEnabled";
    CHAPTER_DISPLAY = 0x80, "ChapterDisplay";
    CHAP_STRING = 0x85, "ChapString";
    CHAP_LANGUAGE = 0x437C, "ChapLanguage";
    TAGS = 0x1254_C367, "Tags";
    TAG = 0x7373, "Tag";
    TARGETS = 0x63C0, "Targets";
    TARGET_TYPE_VALUE = 0x68CA, "TargetTypeValue";
    TAG_TRACK_UID = 0x63C5, "TagTrackUID";
    SIMPLE_TAG = 0x67C8, "SimpleTag";
    TAG_NAME = 0x45A3, "TagName";
    TAG_LANGUAGE = 0x447A, "TagLanguage";
    TAG_DEFAULT = 0x4484, "TagDefault";
    TAG_STRING = 0x4487, "TagString";
}

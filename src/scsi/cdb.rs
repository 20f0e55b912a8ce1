//! cdb

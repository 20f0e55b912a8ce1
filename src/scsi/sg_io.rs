//! sg_io

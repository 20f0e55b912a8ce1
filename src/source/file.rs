//! Image files and block devices, read by position.

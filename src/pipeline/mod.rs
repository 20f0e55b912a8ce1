//! Threads that hand buffers on.

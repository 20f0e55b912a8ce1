//! One stream of a transport stream, from its transport packets to its PES packets.

use super::layout::TS_BYTES;
use super::pes::{self, Parsed, PesHead};
use super::timestamp::Unwrapper;
use super::{Loss, LossKind, Sink};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// No packet was begun yet.
    Fresh,
    /// Between two packets.
    Idle,
    /// Gathering the PES head.
    Head,
    /// Inside the payload; bytes left of a bounded one.
    Payload(Option<u32>),
    /// Behind the declared end of a packet.
    Over,
    /// Lost; waits for the next packet.
    Void,
}

/// One stream of a transport stream.
#[derive(Debug)]
pub(super) struct Slot {
    state: State,
    /// Byte in the file where the packet under way begins.
    begun: u64,
    /// Of the packet under way.
    current: Option<PesHead>,
    /// A packet ended early though none of its transport packets was missing: its lengths are not to be believed.
    lies: bool,
    /// The last continuity counter, where the next one must follow it.
    pub(super) counter: Option<u8>,
    /// Where packets were lost of which its next counter tells whether any were its own.
    pub(super) doubt: Option<u64>,
    head: Vec<u8>,
    /// Payload of the last packet, to know a duplicate: where it lies in the slice at hand, else `saved`.
    pub(super) last: Option<(usize, usize)>,
    saved: Vec<u8>,
}

impl Slot {
    /// A stream of which nothing came.
    pub(super) fn new() -> Self {
        Self {
            state: State::Fresh,
            begun: 0,
            current: None,
            lies: false,
            counter: None,
            doubt: None,
            head: Vec::with_capacity(pes::LONGEST_HEAD + TS_BYTES),
            last: None,
            saved: Vec::with_capacity(TS_BYTES),
        }
    }

    /// Whether the head of a packet is not whole.
    pub(super) fn is_in_head(&self) -> bool {
        self.state == State::Head
    }

    /// The slice at hand goes away: keeps what of it is still needed.
    pub(super) fn save(&mut self, data: &[u8]) {
        if let Some((from, to)) = self.last.take() {
            self.saved.clear();
            self.saved.extend_from_slice(&data[from..to]);
        }
    }

    /// A packet begins, and ends the one before.
    pub(super) fn begin<S: Sink + ?Sized>(&mut self, index: u8, position: u64, sink: &mut S) {
        self.close(index, true, position, sink);
        self.state = State::Head;
        self.begun = position;
        self.head.clear();
    }

    /// The file ends.
    pub(super) fn finish<S: Sink + ?Sized>(&mut self, index: u8, position: u64, sink: &mut S) {
        self.close(index, self.lies, position, sink);
        self.counter = None;
    }

    /// Whether nothing came yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.state == State::Fresh
    }

    /// Nothing told whether packets that were lost were its own.
    pub(super) fn lose_in_doubt<S: Sink + ?Sized>(&mut self, index: u8, sink: &mut S) {
        let Some(position) = self.doubt.take().filter(|_| self.state != State::Void) else { return };
        self.state = State::Void;
        sink.lost(index, Loss { position, kind: LossKind::Sync });
    }

    /// The payload of the next transport packet.
    pub(super) fn take<S: Sink + ?Sized>(
        &mut self,
        index: u8,
        payload: &[u8],
        position: u64,
        clock: &mut Unwrapper,
        sink: &mut S,
    ) {
        match self.state {
            State::Payload(left) => self.deliver(index, payload, left, sink),
            State::Over => self.go_on(index, payload, sink),
            State::Head => self.take_head(index, payload, position, clock, sink),
            State::Fresh | State::Idle | State::Void => {}
        }
    }

    fn take_head<S: Sink + ?Sized>(
        &mut self,
        index: u8,
        payload: &[u8],
        position: u64,
        clock: &mut Unwrapper,
        sink: &mut S,
    ) {
        let whole = if self.head.is_empty() {
            payload
        } else {
            self.head.extend_from_slice(payload);
            &self.head
        };
        match pes::parse(whole) {
            Parsed::Head(mut head, size) => {
                // The decoding time first: it is the one that never goes back.
                head.dts = head.dts.map(|stamp| clock.place(stamp));
                head.pts = head.pts.map(|stamp| clock.place(stamp));
                head.position = self.begun;
                self.current = Some(head);
                sink.start(index, &head);
                let held = std::mem::take(&mut self.head);
                let rest = if held.is_empty() { payload } else { &held[..] };
                self.deliver(index, &rest[size..], head.payload_bytes, sink);
                self.head = held;
            }
            Parsed::Incomplete => {
                if self.head.is_empty() {
                    self.head.extend_from_slice(payload);
                }
            }
            Parsed::NoStream => self.state = State::Idle,
            Parsed::Invalid => self.void(index, Loss { position, kind: LossKind::Packet }, sink),
        }
    }

    /// The payload of the last packet.
    pub(super) fn last_payload<'a>(&'a self, data: &'a [u8]) -> &'a [u8] {
        match self.last {
            Some((from, to)) => &data[from..to],
            None => &self.saved,
        }
    }

    fn deliver<S: Sink + ?Sized>(&mut self, index: u8, payload: &[u8], left: Option<u32>, sink: &mut S) {
        let Some(left) = left else {
            self.state = State::Payload(None);
            return sink.payload(index, payload);
        };
        let (ours, behind) = payload.split_at(payload.len().min(left as usize));
        sink.payload(index, ours);
        let left = left - ours.len() as u32;
        if left > 0 {
            self.state = State::Payload(Some(left));
            return;
        }
        sink.end(index);
        self.state = State::Over;
        self.go_on(index, behind, sink);
    }

    /// Takes what lies behind the declared end of a packet: stuffing, or more of the packet than its length tells.
    fn go_on<S: Sink + ?Sized>(&mut self, index: u8, payload: &[u8], sink: &mut S) {
        let is_stuffing = payload.iter().all(|b| *b == 0xFF) || payload.iter().all(|b| *b == 0);
        let Some(head) = self.current.filter(|_| !is_stuffing) else { return };
        sink.start(index, &PesHead { pts: None, dts: None, aligned: false, payload_bytes: None, ..head });
        sink.payload(index, payload);
        self.state = State::Payload(None);
    }

    /// Ends what is open, because a new packet begins or the file ends. `whole`: nothing of it is missing, whatever its
    /// length says.
    fn close<S: Sink + ?Sized>(&mut self, index: u8, whole: bool, position: u64, sink: &mut S) {
        match self.state {
            State::Payload(None | Some(0)) => sink.end(index),
            State::Payload(Some(_)) if whole => {
                self.lies = true;
                sink.end(index);
            }
            State::Payload(Some(_)) | State::Head => {
                self.void(index, Loss { position, kind: LossKind::Packet }, sink);
            }
            State::Fresh | State::Idle | State::Over | State::Void => return,
        }
        self.state = State::Idle;
    }

    /// Something is missing: nothing comes until the next packet begins.
    pub(super) fn void<S: Sink + ?Sized>(&mut self, index: u8, loss: Loss, sink: &mut S) {
        if self.state != State::Void {
            self.state = State::Void;
            sink.lost(index, loss);
        }
    }
}

//! Marks, and errors that no mark may hide.

use super::*;

#[test]
fn a_failed_wait_is_final_and_no_sync_that_says_ok_clears_it() {
    let output = FakeOutput::new();
    let mut file = open(&output, WriteChoice::Window);
    let mark = file.mark().unwrap();
    assert_eq!(file.wait_mark(Duration::MAX).unwrap().unwrap(), mark);
    output.break_write_out();
    let failed = stream(&mut file, 0, 20 * MIB).unwrap_err();
    assert_eio(&failed);
    // Both descriptions are told by now what there was to tell: the system itself would say ok.
    let _ = output.sink().sync();
    for _ in 0..3 {
        assert_eio(&file.sync_all().unwrap_err());
        assert_eio(&file.drain().unwrap_err());
        assert_eio(&file.mark().unwrap_err());
        assert_eio(&file.poll_mark().unwrap().unwrap_err());
        assert_eio(&file.write_at(0, &[1]).unwrap_err());
        assert_eio(&file.set_length(0).unwrap_err());
        assert_eq!(file.write(&[1]).unwrap_err().raw_os_error(), None);
        assert!(file.flush().is_err());
    }
}

#[test]
fn a_mark_whose_sync_fails_is_never_acknowledged() {
    let output = FakeOutput::new();
    let mut file = open(&output, WriteChoice::Window);
    stream(&mut file, 0, MIB).unwrap();
    output.break_write_out();
    file.mark().unwrap();
    assert_eio(&file.wait_mark(Duration::MAX).unwrap().unwrap_err());
    assert_eio(&file.mark().unwrap_err());
    assert_eio(&file.poll_mark().unwrap().unwrap_err());
}

#[test]
fn the_writers_own_sync_reports_what_the_helper_was_told_already() {
    let output = FakeOutput::new();
    let writer = output.sink();
    let helper = writer.reopen().unwrap();
    output.break_write_out();
    assert!(helper.sync().is_err());
    assert!(helper.sync().is_ok());
    assert!(writer.sync().is_err());
}

#[test]
fn an_error_after_a_mark_was_synced_keeps_it_from_being_acknowledged() {
    let output = FakeOutput::new();
    let mut file = open(&output, WriteChoice::Window);
    file.mark().unwrap();
    output.set_full(true);
    let full = file.write_at(0, &[1; 2048]).unwrap_err();
    assert!(full.is_disk_full());
    output.set_full(false);
    assert!(file.wait_mark(Duration::MAX).unwrap().unwrap_err().is_disk_full());
    assert!(file.write_at(0, &[1; 2048]).unwrap_err().is_disk_full());
}

#[test]
fn writing_goes_on_while_a_mark_is_being_synced() {
    let output = FakeOutput::new();
    let mut file = open(&output, WriteChoice::Window);
    output.hold(Duration::from_secs(1));
    file.write_at(0, &[1; BLOCK]).unwrap();
    let first = file.mark().unwrap();
    output.until_held();
    stream(&mut file, BLOCK as u64, 2 * MIB).unwrap();
    let second = file.mark().unwrap();
    stream(&mut file, BLOCK as u64 + 2 * MIB, 1024 * 1024).unwrap();
    let third = file.mark().unwrap();
    assert!(first < second && second < third);
    assert!(file.poll_mark().is_none());
    assert!(file.wait_mark(Duration::ZERO).is_none());
    assert!(file.mark_under_way());
    output.release();
    assert_eq!(file.wait_mark(Duration::MAX).unwrap().unwrap(), third);
    assert!(!file.mark_under_way());
    assert!(file.poll_mark().is_none());
    assert_eq!(output.count(|c| *c == Call::Sync), 2, "one under way and one for both others");
}

#[test]
fn marks_that_wait_for_the_same_sync_are_one() {
    let output = FakeOutput::new();
    let mut file = open(&output, WriteChoice::Window);
    output.hold(Duration::ZERO);
    file.mark().unwrap();
    output.until_held();
    let mut last = None;
    for _ in 0..1000 {
        last = Some(file.mark().unwrap());
    }
    assert!(file.marks.len() <= 2);
    output.release();
    assert_eq!(file.wait_mark(Duration::MAX).unwrap().unwrap(), last.unwrap());
    assert_eq!(output.count(|c| *c == Call::Sync), 2);
}

#[test]
fn a_mark_takes_what_waits_along_and_an_error_of_it_is_final() {
    for choice in [WriteChoice::DontCache, WriteChoice::Direct] {
        let mut output = FakeOutput::new();
        output.facts.dont_cache = DontCache::Yes;
        let mut file = open(&output, choice);
        file.write_at(0, &[3; 2048]).unwrap();
        assert_eq!(output.bytes().len(), 0, "it waits");
        let mark = file.mark().unwrap();
        assert_eq!(file.wait_mark(Duration::MAX).unwrap().unwrap(), mark);
        assert_eq!(output.bytes(), [3; 2048]);

        file.write_at(2048, &[4; 2048]).unwrap();
        output.set_full(true);
        assert!(file.mark().unwrap_err().is_disk_full());
        output.set_full(false);
        assert!(file.mark().unwrap_err().is_disk_full());
        assert!(file.sync_all().unwrap_err().is_disk_full());
        drop(file);
        assert_eq!(output.bytes().len(), 2048, "nothing is written after an error");
    }
}

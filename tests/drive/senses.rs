//! Each kind of answer that a drive gives to a read, and what becomes of it.

use super::*;

/// An answer that comes to the reads of unit 300, that many times.
fn once(answer: &str) -> Run {
    sweep(&format!("answer 300 1 {answer} 1"))
}

fn always(answer: &str) -> Run {
    sweep(&format!("answer 300 2 {answer}"))
}

/// Damage costs its units and nothing else.
fn is_damage(answer: &str) {
    let run = always(answer).ends(3).fails_within(299..304);
    run.patch(&format!("answer 300 2 {answer}")).ends(3).lacks(300..302);
}

/// An answer that says nothing about the disc leaves no trace in the map.
#[track_caller]
fn is_no_damage(run: Run, code: i32, words: &str) {
    let run = run.ends(code).says(words).fails_within(0..0);
    let map = run.bench.map();
    assert!(map.starts_with('+') && map.contains('?'), "{map}");
    // The same disc in a drive that is well.
    let again = run.bench.run("sweep", &run.bench.drive("dvd", ""), &[]);
    Run { done: again, ..run }.ends(0).whole();
}

/// What a drive that is well answers at one place, each time, is that place's: it stays untried and is told with what the
/// drive said, everything else comes home, and a drive that reads it makes the image whole.
#[track_caller]
fn is_a_place(answer: &str) {
    let plan = format!("answer 300 2 {answer}");
    let said = answer.replace("status:", "status ").replace("host:", "host ");
    let run = sweep(&plan).ends(3).fails_within(0..0);
    let run = run.patch(&plan).ends(3).fails_within(0..0).misses(300..302);
    let report = run.report();
    assert_eq!((&report["bad_bytes"], &report["failed_reads"]), (&0.into(), &0.into()), "{report}");
    let places = report["set_aside"].as_array().unwrap();
    let sectors: u64 = places.iter().map(|place| place["sectors"].as_u64().unwrap()).sum();
    assert!(sectors == 32 && places[0]["lba"] == 4800 && places[0]["cause"] == "answer", "{report}");
    assert!(
        places.iter().all(|place| place["said"] == said.as_str() || place["said"] == "no reason"),
        "{said}: {report}"
    );
    let again = run.bench.run("patch", &run.bench.drive("dvd", ""), &[]);
    let run = Run { done: again, ..run }.ends(0).whole();
    assert!(!std::fs::read_to_string(run.bench.path("out.iso.map.state")).unwrap().contains("aside"));
}

#[test]
fn good_status_and_full_length_is_data() {
    let run = sweep("").ends(0).whole();
    assert!(run.log().is_empty());
    assert!(!run.bench.path("out.iso.log.jsonl").exists());
}

#[test]
fn good_status_with_a_residue_is_a_failure_of_the_missing_part() {
    for sectors in [0, 1, 5, 15] {
        let plan = format!("short 300 2 {sectors}");
        // A sweep may fetch what a short transfer left.
        let run = sweep(&plan).fails_within(299..304).patch(&plan);
        if sectors == 0 {
            run.ends(3).lacks(300..302)
        } else {
            run.ends(0).whole()
        };
    }
}

#[test]
fn recovered_data_is_kept_and_marked() {
    let run = sweep("recovered 300 2").ends(0).whole();
    let state = std::fs::read_to_string(run.bench.path("out.iso.map.state")).unwrap();
    assert!(state.contains("\"marginal\""), "{state}");
    assert!(run.log().iter().any(|line| line["trouble"] == "recovered" && line["key"] == 1 && line["asc"] == 0x17));
}

#[test]
fn a_drive_that_becomes_ready_is_waited_for() {
    once("02/04/00").ends(0).whole();
    once("02/04/01").ends(0).whole();
    sweep("at 0.5 notready 40").ends(0).whole();
}

#[test]
fn a_place_that_is_never_ready_is_that_place() {
    for answer in ["02/04/00", "02/04/01", "02/04/02", "02/04/03", "02/04/07", "02/53/02", "02/3A/01"] {
        is_a_place(answer);
    }
}

#[test]
fn a_drive_that_stays_unready_is_not_ready() {
    is_no_damage(sweep("at 0.5 notready"), 4, "is not ready");
}

#[test]
fn a_drive_that_wants_to_be_started_is_started() {
    once("02/04/02").ends(0).whole();
}

#[test]
fn a_missing_disc_is_no_damage() {
    is_no_damage(sweep("at 0.5 eject"), 4, "was taken out");
}

#[test]
fn an_unknown_type_of_disc_is_no_damage() {
    is_no_damage(always("02/30/01"), 4, "cannot read this type of disc");
}

#[test]
fn a_seek_that_does_not_complete_is_damage() {
    is_damage("03/02/00");
    is_damage("04/02/00");
}

#[test]
fn unrecovered_reads_are_damage() {
    for answer in ["03/11/00", "03/11/01", "03/11/02", "03/11/05", "03/11/06", "03/73/00"] {
        is_damage(answer);
    }
}

#[test]
fn address_and_positioning_errors_are_damage() {
    for answer in ["03/10/00", "03/14/01", "03/15/00"] {
        is_damage(answer);
    }
}

#[test]
fn an_unreadable_table_of_contents_is_asked_for_twice() {
    once("03/57/00").ends(0).whole();
    is_a_place("03/57/00");
}

#[test]
fn hardware_errors_in_one_place_are_damage() {
    for answer in ["04/08/00", "04/15/01", "04/3E/02", "04/44/00"] {
        is_damage(answer);
    }
}

#[test]
fn hardware_errors_far_apart_are_damage_while_the_drive_reads_elsewhere() {
    let plan = "answer 100 1 04/3E/02\nanswer 250 1 04/44/00\nanswer 400 1 04/15/01\n";
    let run = sweep(plan).ends(3).patch(plan).ends(3);
    let missing: Vec<usize> = run.bench.map().match_indices(['/', '*']).map(|(at, _)| at / 16).collect();
    assert_eq!(missing.iter().step_by(16).copied().collect::<Vec<_>>(), [100, 250, 400]);
    assert_eq!(missing.len(), 48);
}

#[test]
fn a_lost_servo_is_helped_or_damage() {
    once("04/09/01").ends(0).whole();
    is_damage("04/09/01");
}

#[test]
fn a_refusal_that_passes_is_forgotten() {
    for answer in ["05/20/00", "05/24/00", "05/26/00"] {
        once(answer).ends(0).whole();
    }
}

#[test]
fn a_refusal_of_one_place_by_a_drive_that_is_well_is_that_place() {
    for answer in ["05/20/00", "05/24/00", "05/26/00", "05/30/00"] {
        is_a_place(answer);
    }
}

#[test]
fn out_of_range_with_disc_behind_it_is_that_place() {
    is_a_place("05/21/00");
    is_a_place("05/63/00");
}

#[test]
fn the_wrong_mode_for_a_track_is_no_damage() {
    is_a_place("05/64/00");
}

#[test]
fn protection_ends_the_run_at_the_first_refusal() {
    for answer in ["05/6F/00", "05/6F/01", "05/6F/02", "05/6F/03"] {
        let run = always(answer).ends(6).says("sector 4800 is scrambled");
        assert_eq!(run.report()["protected"], true);
        assert_eq!(run.log().len(), 1, "one try");
        is_no_damage(run, 6, "authentication");
    }
}

#[test]
fn a_region_that_does_not_match_has_its_own_words() {
    is_no_damage(always("05/6F/04"), 6, "region");
    is_no_damage(always("05/6F/05"), 6, "region");
}

#[test]
fn a_disc_that_may_have_been_changed_and_was_not_is_read_on() {
    once("06/28/00").ends(0).whole();
}

#[test]
fn a_reset_costs_nothing() {
    once("06/29/00").ends(0).whole();
}

#[test]
fn an_attention_that_comes_again_and_again_at_one_place_is_that_place() {
    for answer in ["06/29/00", "06/2A/01", "06/3F/01"] {
        is_a_place(answer);
    }
}

#[test]
fn data_protection_of_one_place_is_that_place() {
    is_a_place("07/27/00");
}

#[test]
fn blank_space_on_a_pressed_disc_is_no_blank_space() {
    is_a_place("08/00/00");
}

#[test]
fn blank_space_is_zero_in_the_image_and_no_damage() {
    let run = sweep("blank 300 20").ends(0);
    assert_eq!(run.report()["blank_bytes"], 20 * 16 * 2048);
    assert_eq!(run.report()["complete"], true);
    let image = std::fs::read(run.bench.out()).unwrap();
    assert!(image[300 * 32768..320 * 32768].iter().all(|byte| *byte == 0));
    let run = run.fails_within(0..0);
    // Each command says of one sector that it is blank, and no sector is asked for twice.
    let blank = run.log().iter().filter(|line| line["key"] == 8).count();
    assert!(blank <= 20 * 16 + 24, "{blank}");
    run.patch("blank 300 20").ends(0).fails_within(0..0);
}

#[test]
fn the_blank_end_of_a_disc_is_known_before_it_is_read() {
    let run = sweep("blank 400 999").ends(0).mentions("never written from sector 6400");
    assert_eq!(run.report()["blank_bytes"], 112 * 16 * 2048);
    assert!(run.log().is_empty());
    assert_eq!(std::fs::metadata(run.bench.out()).unwrap().len(), 512 * 32768);
}

#[test]
fn an_aborted_command_is_tried_once_more() {
    once("0B/00/00").ends(0).whole();
    is_a_place("0B/00/00");
    is_a_place("0B/47/00");
}

#[test]
fn a_way_to_the_drive_that_fails_at_one_place_is_that_place() {
    sweep("answer 300 1 host:07 3").ends(0).whole();
    for answer in ["host:01", "host:05", "host:07", "host:08"] {
        is_a_place(answer);
    }
}

#[test]
fn a_complaint_without_a_reason_is_a_confused_bridge() {
    once("status:02").ends(0).whole();
    is_a_place("status:02");
    is_a_place("00/00/00");
}

#[test]
fn a_time_out_at_one_place_is_that_place() {
    once("host:03").ends(0).whole();
    is_a_place("host:03");
}

#[test]
fn a_drive_that_is_busy_at_one_place_only_is_waited_for_and_then_goes_on_elsewhere() {
    for status in ["08", "18", "28"] {
        sweep(&format!("answer 300 1 status:{status} 3")).ends(0).whole();
        is_a_place(&format!("status:{status}"));
    }
}

#[test]
fn what_nobody_has_heard_of_is_that_place_too() {
    for answer in ["09/80/00", "0D/01/02", "0E/1D/00", "status:30", "status:40"] {
        is_a_place(answer);
    }
}

//! Films that are made behind the sweep.

use std::fs;

use super::rack::{FILM, Rack};

#[test]
fn the_film_of_a_sound_disc_is_under_way_while_the_disc_is_read() {
    let rack = Rack::new();
    // Fourteen seconds of reading: the map on disk tells every second or so what is there, and the processors may be busy.
    let drive = format!("{},time=real", rack.drive("slow", "rate 0.5\ninner 0.5\nseek_s 0.001\nstroke_s 0.001\n"));
    let look = format!(
        "stat -c %s \"$FREEMKV_FOLDER\"/behind.tmp/*.mkv* > {said}; ls \"$FREEMKV_FOLDER\" >> {said}",
        said = rack.path("said").display()
    );
    let (code, disc) = rack.rip_one(&drive, &["--on-free", &look]);
    assert_eq!(code, 0, "{disc}");
    let said = rack.text("said");
    let bytes: u64 = said.lines().next().unwrap().parse().unwrap_or_else(|e| panic!("{e}: {said}"));
    assert!(bytes > 1 << 20, "when the drive is free, much of the film is there: {said}");
    assert!(!rack.made("behind.tmp").exists());
    assert_eq!(disc["films"][0]["path"], rack.made("SCRATCHED_FILM-t01.mkv").display().to_string());

    // It is the film that is made of the finished image.
    let other = Rack::new();
    let image = other.rip_one(&other.drive("sound", ""), &["--keep", "image"]);
    assert_eq!(image.0, 0);
    let (code, again) = other.rip_one(&other.drive("sound", ""), &[]);
    assert_eq!((code, &again["films"][0]["sha256"]), (0, &disc["films"][0]["sha256"]), "{again}");
    assert_eq!(again["sweep"]["read_commands"], 0);
}

#[test]
fn at_damage_the_film_is_made_of_the_finished_image() {
    let rack = Rack::new();
    // The last unit of the film's file is the first that fails, once; by then most of the film is made.
    let plan = "seed 2\nrate 1\ninner 1\nseek_s 0.001\nstroke_s 0.001\nbad_s 0.5\nbad 90 1 0.5\n";
    let drive = format!("{},time=real", rack.drive("late", plan));
    let (code, disc) = rack.rip_one(&drive, &["--passes", "50"]);
    assert_eq!(code, 0, "{disc}");
    assert_eq!(fs::read(rack.made("SCRATCHED_FILM.iso")).unwrap(), fs::read(FILM).unwrap());
    assert!(!rack.made("behind.tmp").exists() && disc["films"][0]["complete"] == true, "{disc}");
    let sound = Rack::new();
    let whole = sound.rip_one(&sound.drive("sound", ""), &[]).1;
    assert_eq!(disc["films"][0]["sha256"], whole["films"][0]["sha256"]);
}

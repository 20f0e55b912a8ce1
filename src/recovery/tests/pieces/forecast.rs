//! What a further hour would bring.

use crate::recovery::forecast::*;

#[test]
fn an_hour_brings_what_the_last_attempts_did_and_never_more_than_is_left() {
    let left = |failed_units, attempts, worked| Forecast {
        failed_units,
        attempts,
        worked,
        failure_seconds: 4.0,
        ..Forecast::default()
    };
    let close = |forecast: Forecast, units: f64| (forecast.units_an_hour().unwrap() - units).abs() < 0.05 * units;
    assert!(close(left(90_000, 1000, 20), 18.0), "900 attempts at 1 in 50");
    assert!(close(left(90_000, 1000, 0), 2.7), "fewer than 3 in 1000");
    assert!(close(left(10, 40, 20), 10.0));
    assert_eq!(left(10, 0, 0).units_an_hour(), None);
    assert_eq!(left(0, 40, 20).units_an_hour(), None);
}

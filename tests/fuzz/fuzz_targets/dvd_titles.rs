//! Any bytes as the information file of a title set; every chain, and every cell of these.
#![no_main]

use freemkv::dvd::vts::Vts;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(vts) = Vts::parse(data) else { return };
    let chains = vts.menus.iter().map(|menus| &menus.chains).chain([&vts.chains]);
    for chains in chains {
        for number in (0u16..).take(chains.entries().len().min(500) + 2) {
            let Some(Ok(pgc)) = chains.chain(number) else { continue };
            for program in 0..=u8::MAX {
                let _ = pgc.cell_of_program(program);
            }
            for cell in &pgc.cells {
                let _ =
                    (vts.cells.within(cell.id, cell.first..cell.last).count(), vts.units.within(cell.first..cell.last));
            }
        }
    }
});

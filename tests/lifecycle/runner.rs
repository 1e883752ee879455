//! Simulations, one after the other, until they have made enough runs.

/// Simulates the numbers from `first` on, each a seed, until `1 / share` of the runs is made that `ANU_LAWS_RUNS` says; or only
/// `ANU_LAWS_SEED`. A simulation returns how many plan, apply, plan runs it has made.
pub fn simulate(first: u64, share: u64, simulation: impl AsyncFn(u64) -> u64) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if let Some(seed) = number("ANU_LAWS_SEED") {
        runtime.block_on(simulation(seed));
        return;
    }
    let enough = number("ANU_LAWS_RUNS").unwrap_or(2_000) / share;
    let (mut runs, mut simulations) = (0, 0);
    while runs < enough {
        runs += runtime.block_on(simulation(first + simulations));
        simulations += 1;
    }
    println!("{runs} plan, apply, plan runs in {simulations} simulations");
}

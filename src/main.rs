//! deploysim
fn main() {
    let path = std::env::args().nth(1).expect("a file");
    let scenario = match deploysim::scenario::load(std::path::Path::new(&path), &[]) {
        Ok(s) => s,
        Err(e) => { eprintln!("{e}"); return; }
    };
    let stop = std::sync::atomic::AtomicBool::new(false);
    let r = deploysim::experiment::replicate(&scenario, &deploysim::experiment::Plan { progress: &(), stop: &stop }).unwrap();
    println!("{:?} {:?}", r.total.arrivals, r.total.latency);
    println!("{:?} {:?}", r.total.outcomes, r.bottleneck);
    for c in &r.components { println!("{} {:?} q {:?} wait {:?} soj {:?} own {:?}", c.name, c.resources, c.queue_mean, c.wait_mean, c.sojourn_mean, c.own_mean); }
    println!("{:?} warmup {:?}", r.warnings, r.warmup);
}

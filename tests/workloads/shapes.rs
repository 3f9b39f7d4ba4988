// A trait's method that stays a function, and a function that is inlined into it.
trait Shape {
    fn area(&self, rounds: u64) -> u64;
}

struct Square<'a>(&'a str);

fn folded(seed: u64, round: u64) -> u64 {
    (seed ^ round.rotate_left(7)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl<'a> Shape for Square<'a> {
    #[inline(never)]
    fn area(&self, rounds: u64) -> u64 {
        let mut sum = self.0.len() as u64;
        for round in 0..rounds {
            sum = folded(sum, round);
        }
        sum
    }
}

fn main() {
    let rounds = std::env::args().nth(1).map(|text| text.parse().unwrap());
    let mut sum = 0;
    loop {
        sum ^= std::hint::black_box(Square("square")).area(rounds.unwrap_or(1_000_000));
        if rounds.is_some() {
            break;
        }
    }
    println!("{}", sum);
}

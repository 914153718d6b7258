//! What the curve library takes for each thing that the algebra counts: the prices of the cost model in
//! `docs/performance.md`.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use blst::blst_fp12;
use blstrs::{G1Affine, G1Projective, G2Affine, G2Projective, Scalar};
use criterion::{Criterion, criterion_group, criterion_main};
use ff::Field;
use group::{Curve, Group};
use rand::thread_rng;

fn benches(c: &mut Criterion) {
    let rng = &mut thread_rng();
    let (p, q) = (
        G1Projective::random(&mut *rng),
        G2Projective::random(&mut *rng),
    );
    let (other_p, other_q) = (
        G1Projective::random(&mut *rng),
        G2Projective::random(&mut *rng),
    );
    let (p_affine, q_affine) = (other_p.to_affine(), other_q.to_affine());
    let (p_bytes, q_bytes) = (p_affine.to_compressed(), q_affine.to_compressed());
    let scalar = Scalar::random(&mut *rng);

    c.bench_function("g1::square_root", |b| {
        b.iter(|| G1Affine::from_compressed_unchecked(black_box(&p_bytes)).unwrap())
    });
    c.bench_function("g2::square_root", |b| {
        b.iter(|| G2Affine::from_compressed_unchecked(black_box(&q_bytes)).unwrap())
    });
    c.bench_function("g1::subgroup", |b| {
        b.iter(|| black_box(&p_affine).is_torsion_free())
    });
    c.bench_function("g2::subgroup", |b| {
        b.iter(|| black_box(&q_affine).is_torsion_free())
    });
    c.bench_function("g1::add", |b| b.iter(|| black_box(p) + p_affine));
    c.bench_function("g2::add", |b| b.iter(|| black_box(q) + q_affine));
    c.bench_function("g1::double", |b| b.iter(|| black_box(p).double()));
    c.bench_function("g2::double", |b| b.iter(|| black_box(q).double()));
    c.bench_function("g1::multiply", |b| b.iter(|| black_box(p) * scalar));
    c.bench_function("g2::multiply", |b| b.iter(|| black_box(q) * scalar));
    c.bench_function("g1::hash", |b| {
        b.iter(|| G1Projective::hash_to_curve(black_box(b"message"), b"tag", &[]))
    });
    let miller = || blst_fp12::miller_loop(black_box(q_affine.as_ref()), p_affine.as_ref());
    c.bench_function("pairing::miller_loop", |b| b.iter(miller));
    let product = miller();
    c.bench_function("pairing::final_exponentiation", |b| {
        b.iter(|| black_box(&product).final_exp())
    });
}

criterion_group!(primitives, benches);
criterion_main!(primitives);

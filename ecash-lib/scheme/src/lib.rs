//! Threshold-issued offline compact e-cash: keys, withdrawal, public signatures, spending, verification, identification.

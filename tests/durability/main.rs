//! What is written stays written: both databases, backups, crashes, disks that are full, databases that are away.

mod office;

mod backups;
mod crash;
mod full_disk;
mod locked_database;
mod postgres;

//! Ports of a range.

use std::{net::UdpSocket, time::Duration};

use wigwag_media::{IpFamily, MediaConfig, OpenError, PortRange, Ports};

use crate::stage::{Stage, key};

/// A range of `pairs` pairs that are free at the moment: where the operating system just gave a port.
fn stage_with(pairs: u16, quarantine: Duration) -> Stage {
    let free = UdpSocket::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .unwrap()
        .port();
    let first = free.min(u16::MAX - 2 * pairs) & !1;
    Stage::with(MediaConfig {
        ports: Ports::Range(PortRange::new(first, first + 2 * pairs - 1).unwrap()),
        quarantine,
        ..MediaConfig::loopback()
    })
}

#[test]
fn a_full_range_is_told_and_counted_and_closing_frees_it_after_the_quarantine() {
    let stage = stage_with(8, Duration::from_secs(3600));
    let opened: Vec<_> = (0..8)
        .map_while(|n| stage.plane.open(1, key(n), IpFamily::V4).ok())
        .collect();
    assert!(!opened.is_empty(), "none of eight pairs is free on this machine");
    assert!(
        opened
            .iter()
            .all(|ports| ports.rtp.port() % 2 == 0 && ports.rtcp.port() == ports.rtp.port() + 1)
    );
    let refused = stage.plane.open(1, key(100), IpFamily::V4);
    assert!(matches!(refused, Err(OpenError::PortsExhausted)), "{refused:?}");
    let metrics = stage.plane.metrics();
    assert_eq!(metrics.ports_in_use, 2 * opened.len() as u64);
    assert!(metrics.ports_exhausted >= 1);

    for n in 0..opened.len() as u16 {
        stage.close(key(n));
    }
    let metrics = stage.plane.metrics();
    assert_eq!((metrics.ports_in_use, metrics.ports_resting, metrics.legs), (0, 16, 0));
    assert!(matches!(
        stage.plane.open(1, key(0), IpFamily::V4),
        Err(OpenError::PortsExhausted)
    ));
}

#[test]
fn without_quarantine_a_port_is_used_again() {
    let stage = stage_with(8, Duration::ZERO);
    for _ in 0..100 {
        stage.plane.open(1, key(0), IpFamily::V4).expect("a free pair");
        stage.close(key(0));
    }
    assert_eq!(stage.end().ports_in_use, 0);
}

#[test]
fn a_leg_is_opened_once_and_in_a_family_that_is_there() {
    let stage = Stage::with(MediaConfig {
        bind_v6: None,
        ..MediaConfig::loopback()
    });
    stage.plane.open(1, key(0), IpFamily::V4).unwrap();
    assert!(matches!(
        stage.plane.open(1, key(0), IpFamily::V4),
        Err(OpenError::AlreadyOpen)
    ));
    assert!(matches!(
        stage.plane.open(1, key(1), IpFamily::V6),
        Err(OpenError::FamilyDisabled(IpFamily::V6))
    ));
}

#[test]
fn commands_for_legs_that_are_gone_do_nothing() {
    let stage = Stage::new();
    stage.plane.open(1, key(0), IpFamily::V4).unwrap();
    stage.close(key(0));
    stage.plane.close(key(0));
    stage.plane.echo(key(0));
    stage.plane.bridge(key(0), key(1));
    assert_eq!(stage.end().legs, 0);
}

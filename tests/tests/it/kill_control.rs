//! The control plane dies in the middle of a campaign and comes back; the edge lives through it.

use super::kill_house::KillHouse;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_control_plane_dials_no_attempt_twice_and_loses_no_result() {
    let mut house = KillHouse::open().await;
    house.start_campaign().await;
    house.until_invited(3).await;
    house.kill_control();
    house.start_control();
    house.until_invited(6).await;
    house.kill_control();
    house.start_control();
    let counters = house.until_settled().await;
    house.check().await;
    assert_eq!(counters["called"], counters["total"], "{counters}");
}

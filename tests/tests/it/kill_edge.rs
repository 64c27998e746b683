//! The edge dies in the middle of a campaign and comes back.

use super::kill_house::KillHouse;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_edge_dials_no_attempt_twice_and_loses_no_result() {
    let mut house = KillHouse::open().await;
    house.start_campaign().await;
    house.until_invited(3).await;
    house.kill_edge();
    house.start_edge();
    house.until_invited(6).await;
    house.kill_edge();
    house.start_edge();
    let counters = house.until_settled().await;
    house.check().await;
    assert_eq!(counters["called"], counters["total"], "{counters}");
}

package io.tallymq.broker.aside;

/** What all queues together have aside. */
public final class AsideTotals {
    final DeferredTokens tokens = new DeferredTokens();
    int overlays;
    int deferred;
    int resting;
    private int lastValues;
    private int readers;
    private int laneKeys;
    private int lanes;
    private int heldRanges;
    private final RestingLeft left = new RestingLeft(this);
    private final AsideLeft asideLeft = new AsideLeft(this);
    private final PickedLeft pickedLeft = new PickedLeft();
    private final ValuesLeft valuesLeft = new ValuesLeft();

    /** Messages with headers that settles added. */
    public int overlays() {
        return overlays;
    }

    /** Messages that were put aside under a token. */
    public int deferred() {
        return deferred;
    }

    /** Ranges of messages that rest, and what is still to be taken out of those that did. */
    public int resting() {
        return resting;
    }

    /** Of those, what deleted queues had. */
    public RestingLeft left() {
        return left;
    }

    /** Of headers and of what was put aside, what deleted queues had. */
    public AsideLeft asideLeft() {
        return asideLeft;
    }

    /** Of what was begun out of turn, what purges and deleted queues left. */
    public PickedLeft pickedLeft() {
        return pickedLeft;
    }

    /** Of last values, what purges left. */
    public ValuesLeft valuesLeft() {
        return valuesLeft;
    }

    /** Messages of queues with x-last-value that have a value. */
    public int lastValues() {
        return lastValues;
    }

    /** There are so many more or, below zero, less. */
    public void lastValuesChange(int by) {
        lastValues += by;
    }

    /** Ranges of messages that holders have, who left and have not given them back included. */
    public int heldRanges() {
        return heldRanges;
    }

    /** There are so many more or, below zero, less. */
    public void heldRangesChange(int by) {
        heldRanges += by;
    }

    /** Names of which streams know how far their readers were. */
    public int readers() {
        return readers;
    }

    /** There are so many more or, below zero, less. */
    public void readersChange(int by) {
        readers += by;
    }

    /** Groups and tenants of which queues know the lane. */
    public int laneKeys() {
        return laneKeys;
    }

    /** There are so many more or, below zero, less. */
    public void laneKeysChange(int by) {
        laneKeys += by;
    }

    /** Lanes of queues beside the one that each has always. */
    public int lanes() {
        return lanes;
    }

    /** There are so many more or, below zero, less. */
    public void lanesChange(int by) {
        lanes += by;
    }

    public DeferredTokens tokens() {
        return tokens;
    }
}

package io.tallymq.broker.limits;

/**
 * How many producers there are and for how long: part of the format, as {@link StateLimits}. Tests make them small.
 *
 * @param most of all virtual hosts together, in memory: about 1 kB of heap each
 * @param retention milliseconds after which who was not used is forgotten
 * @param busy milliseconds: who was used so lately may be about to publish again what he had no answer to, and keeps his place
 * @param past of how many that were forgotten it stays known which of their numbers came: some ten to two hundred bytes of the store each
 */
public record ProducerLimits(int most, long retention, long busy, int past) {
    public static final int MOST = 20_000;
    public static final long RETENTION = 7L * 24 * 3600 * 1000;
    public static final long BUSY = 5L * 60 * 1000;
    public static final int PAST = 1_000_000;

    public static final ProducerLimits DEFAULTS = new ProducerLimits(MOST, RETENTION, BUSY, PAST);
}

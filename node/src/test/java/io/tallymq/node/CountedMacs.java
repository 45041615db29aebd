package io.tallymq.node;

import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.NoSuchProviderException;
import java.security.Provider;
import java.security.Security;
import java.security.spec.AlgorithmParameterSpec;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.MacSpi;

/** Counts each HMAC-SHA-256 that is made in this JVM as long as it is open: the rounds of PBKDF2 are such. */
final class CountedMacs implements AutoCloseable {
    private static final String PROVIDER = "CountedMacs";
    private static final AtomicLong MADE = new AtomicLong();

    /** First of all providers. */
    private static final class Counting extends Provider {
        private static final long serialVersionUID = 1;

        Counting() {
            super(PROVIDER, "1", "counts");
            put("Mac.HmacSHA256", CountedMac.class.getName());
        }
    }

    /** The JDK's, counted. Made by the JDK. */
    public static final class CountedMac extends MacSpi {
        private final Mac mac;

        public CountedMac() throws NoSuchAlgorithmException, NoSuchProviderException {
            mac = Mac.getInstance("HmacSHA256", "SunJCE");
        }

        @Override
        protected int engineGetMacLength() {
            return mac.getMacLength();
        }

        @Override
        protected void engineInit(Key key, AlgorithmParameterSpec with)
                throws InvalidKeyException, InvalidAlgorithmParameterException {
            mac.init(key, with);
        }

        @Override
        protected void engineUpdate(byte input) {
            mac.update(input);
        }

        @Override
        protected void engineUpdate(byte[] input, int offset, int length) {
            mac.update(input, offset, length);
        }

        @Override
        protected byte[] engineDoFinal() {
            MADE.incrementAndGet();
            return mac.doFinal();
        }

        @Override
        protected void engineReset() {
            mac.reset();
        }
    }

    CountedMacs() {
        Security.insertProviderAt(new Counting(), 1);
    }

    /** How many were made since the last call. */
    long made() {
        return MADE.getAndSet(0);
    }

    @Override
    public void close() {
        Security.removeProvider(PROVIDER);
    }
}

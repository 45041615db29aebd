package io.tallymq.node.proof;

import io.tallymq.node.proof.history.Feature;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;

/** How features are named in the option --features. */
final class FeatureNames implements Iterable<String> {
    static final String ALL = "all";
    static final String NONE = "none";

    @Override
    public Iterator<String> iterator() {
        return Arrays.stream(Feature.values()).map(FeatureNames::name).iterator();
    }

    static String name(Feature feature) {
        return feature.name().toLowerCase(Locale.ROOT);
    }

    /** @throws ProofException naming what is none */
    static Set<Feature> parse(String text) {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        if (text.equals(ALL)) {
            return EnumSet.complementOf(EnumSet.of(Feature.RETENTION)); // that needs nodes of its own
        }
        for (String name : text.equals(NONE) ? new String[0] : text.split(",", -1)) {
            features.add(Arrays.stream(Feature.values())
                    .filter(f -> name(f).equals(name))
                    .findFirst()
                    .orElseThrow(() -> new ProofException("there is no feature '" + name
                            + "': give all, none, or some of " + String.join(",", new FeatureNames()))));
        }
        return features;
    }
}

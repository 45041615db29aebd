package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.HistoryEvent.Fault;
import io.tallymq.node.proof.history.Verdict;
import io.tallymq.node.proof.lanes.choice.FiltersLane;
import io.tallymq.node.proof.lanes.choice.OutcomesLane;
import io.tallymq.node.proof.lanes.choice.PrioritiesLane;
import io.tallymq.node.proof.lanes.choice.RetryLane;
import io.tallymq.node.proof.lanes.choice.SchedulesLane;
import io.tallymq.node.proof.lanes.choice.ValuesLane;
import io.tallymq.node.proof.load.Clients;
import io.tallymq.node.proof.load.Load;
import io.tallymq.node.proof.load.NodeAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The loads for some features, side by side. One thread. */
public final class Lanes implements AutoCloseable {
    /** What they take of a run's rate together. */
    private static final double SHARE = 0.25;
    /** A cluster that has just begun knows only later what all of its nodes can do. */
    private static final Duration READY = Duration.ofSeconds(60);

    private final Clients control;
    private final List<Lane> lanes = new ArrayList<>();

    /** @param settings of the whole run, of whose rate a part is theirs: {@link #rest} is for others */
    public Lanes(
            Set<Feature> features, Load.Settings settings, List<NodeAddress> nodes, Clients clients, Clients control) {
        this.control = control;
        int each = (int) Math.max(2, settings.rate() * SHARE / Math.max(1, features.size()) / nodes.size());
        var setup =
                new Lane.Setup(settings.name(), settings.directory(), each, settings.seed(), nodes, clients, control);
        features.forEach(feature -> lanes.add(lane(feature, setup)));
    }

    /** What is left of a run's rate. */
    public static int rest(int rate, Set<Feature> features) {
        return features.isEmpty() ? rate : (int) (rate - rate * SHARE);
    }

    private static Lane lane(Feature feature, Lane.Setup setup) {
        return switch (feature) {
            case ROUTES -> new RoutesLane(setup);
            case GROUPS -> new GroupsLane(setup);
            case SINGLE -> new SingleLane(setup);
            case TIMEOUT -> new TimeoutLane(setup);
            case DEDUP -> new DedupLane(setup);
            case NAMES -> new NamesLane(setup);
            case RECEIPTS -> new ReceiptsLane(setup);
            case IDS -> IdsLane.remembering(setup);
            case WINDOWS -> IdsLane.forgetting(setup);
            case RETENTION -> new RetentionLane(setup);
            case REPORTS -> new ReportsLane(setup);
            case COPIES -> new CopiesLane(setup);
            case STREAM -> new StreamLane(setup);
            case ALTER -> new AlterLane(setup);
            case TIME -> new TimeLane(setup);
            case TX -> new TxLane(setup);
            case COUNTS -> new CountsLane(setup);
            case LIMITS -> new LimitsLane(setup);
            case PRIORITIES -> new PrioritiesLane(setup);
            case RETRY -> new RetryLane(setup);
            case VALUES -> new ValuesLane(setup);
            case SCHEDULES -> new SchedulesLane(setup);
            case FILTERS -> new FiltersLane(setup);
            case OUTCOMES -> new OutcomesLane(setup);
        };
    }

    public void start() throws IOException, InterruptedException, TimeoutException {
        for (Lane lane : lanes) {
            declare(lane);
            lane.start();
        }
    }

    private void declare(Lane lane) throws IOException, InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + READY.toNanos();
        while (!isDeclared(lane, System.nanoTime() > deadline)) {
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    private boolean isDeclared(Lane lane, boolean isLastTry) throws IOException, TimeoutException {
        Connection connection = null;
        try {
            connection = control.connect(1, "declare");
            lane.declareAll(connection.createChannel());
            return true;
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            if (isLastTry) {
                throw e;
            }
            return false;
        } finally {
            if (connection != null) {
                Clients.close(connection);
            }
        }
    }

    /** Notes a fault in all histories. */
    public void fault(String what) {
        lanes.forEach(lane -> lane.fault(what));
    }

    /** These nodes have nothing of what is published from now on. */
    public void away(List<Integer> nodes) {
        lanes.forEach(lane -> lane.note(Fault.AWAY + nodes));
    }

    /** And now they may get it. */
    public void back(List<Integer> nodes) {
        lanes.forEach(lane -> lane.note(Fault.BACK + nodes));
    }

    /** Nothing new is published from now on. */
    public void stopPublishing() {
        lanes.forEach(Lane::stopPublishing);
    }

    /** Waits for answers, drains all queues. All nodes must serve. */
    public void finish() throws IOException, InterruptedException, TimeoutException {
        for (Lane lane : lanes) {
            lane.finish();
        }
    }

    /** The judgement of each history; after {@link #finish}. */
    public Map<String, Verdict> verdicts() {
        Map<String, Verdict> verdicts = new LinkedHashMap<>();
        lanes.forEach(lane -> verdicts.put(lane.name(), lane.verdict()));
        return verdicts;
    }

    /** Besides the histories: what hung, stalled or broke in the loads themselves. */
    public List<String> problems() {
        return lanes.stream().flatMap(lane -> lane.problems().stream()).toList();
    }

    @Override
    public void close() {
        lanes.forEach(Lane::close);
    }
}

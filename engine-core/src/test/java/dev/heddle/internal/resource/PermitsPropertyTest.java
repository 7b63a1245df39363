// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.internal.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.internal.resource.LeaseImpl.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Random sequences of steps against a model of a few lines. */
class PermitsPropertyTest {

  enum Kind {
    ASK,
    TRY,
    CLOSE,
    END,
    WITHDRAW,
    WITHDRAW_NEW
  }

  /** A step; the number picks the permits or the lease. */
  record Step(Kind kind, int number) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Kind> kinds =
        Arbitraries.frequency(
            net.jqwik.api.Tuple.of(8, Kind.ASK),
            net.jqwik.api.Tuple.of(3, Kind.TRY),
            net.jqwik.api.Tuple.of(8, Kind.CLOSE),
            net.jqwik.api.Tuple.of(1, Kind.END),
            net.jqwik.api.Tuple.of(4, Kind.WITHDRAW),
            net.jqwik.api.Tuple.of(1, Kind.WITHDRAW_NEW));
    return Combinators.combine(kinds, Arbitraries.integers().between(0, 1_000))
        .as(Step::new)
        .list()
        .ofMaxSize(120);
  }

  @Property(tries = 500)
  void limit_anySteps_agreesWithTheModel(
      @ForAll("steps") List<Step> steps, @ForAll @IntRange(min = 1, max = 6) int capacity) {
    Run run = new Run(new LimitImpl("limit", capacity), capacity, List.of());
    steps.forEach(run::step);
    run.closeAll();
  }

  @Property(tries = 500)
  void pool_anySteps_agreesWithTheModel(
      @ForAll("steps") List<Step> steps, @ForAll @IntRange(min = 1, max = 4) int capacity) {
    List<Integer> items = IntStream.range(0, capacity).boxed().toList();
    Run run = new Run(new ResourcePoolImpl<>("pool", items), 1, items);
    steps.forEach(run::step);
    run.closeAll();
  }

  private static final class Run {
    private final ResourceImpl<?> resource;
    private final int largest;
    private final boolean pooled;

    // the model
    private int available;
    private final Deque<Object> free = new ArrayDeque<>();
    private final Deque<LeaseImpl<?>> queue = new ArrayDeque<>();
    private final List<LeaseImpl<?>> toldInOrder = new ArrayList<>();

    private final List<LeaseImpl<?>> all = new ArrayList<>();
    private final List<LeaseImpl<?>> told = new ArrayList<>();

    Run(ResourceImpl<?> resource, int largest, List<?> items) {
      this.resource = resource;
      this.largest = largest;
      this.pooled = !items.isEmpty();
      this.available = resource.capacity();
      free.addAll(items);
    }

    void step(Step step) {
      switch (step.kind()) {
        case ASK -> ask(1 + step.number() % largest, true);
        case TRY -> ask(1 + step.number() % largest, false);
        case CLOSE -> leave(step.number(), State.CLOSED);
        case END -> leave(step.number(), State.ENDED);
        case WITHDRAW -> leave(step.number(), State.WITHDRAWN);
        case WITHDRAW_NEW -> withdrawNew();
      }
      compare();
    }

    private LeaseImpl<?> make(int permits) {
      LeaseImpl<?>[] self = new LeaseImpl<?>[1];
      self[0] = new LeaseImpl<>(resource, permits, null, false, () -> told.add(self[0]));
      all.add(self[0]);
      return self[0];
    }

    private void ask(int permits, boolean mayWait) {
      LeaseImpl<?> lease = make(permits);
      boolean fits = queue.isEmpty() && permits <= available;

      assertThat(resource.permits.take(lease, mayWait)).isEqualTo(fits);

      if (fits) {
        open(lease);
      } else if (mayWait) {
        queue.add(lease);
      }
      assertThat(lease.state).isEqualTo(fits ? State.OPEN : mayWait ? State.WAITING : State.NEW);
    }

    private void open(LeaseImpl<?> lease) {
      available -= lease.permits;
      if (pooled) {
        assertThat(lease.item).isSameAs(free.pop());
      }
    }

    private void leave(int pick, State to) {
      if (all.isEmpty()) {
        return;
      }
      LeaseImpl<?> lease = all.get(pick % all.size());
      State from = lease.state;
      boolean withdraws = to == State.WITHDRAWN;
      boolean possible =
          withdraws ? from == State.WAITING || from == State.NEW : from == State.OPEN;
      if (possible && withdraws) {
        queue.remove(lease);
      }
      if (possible && !withdraws) {
        available += lease.permits;
        if (pooled) {
          free.push(lease.item);
        }
      }
      if (possible) {
        List<LeaseImpl<?>> opened = new ArrayList<>();
        int left = available;
        while (!queue.isEmpty() && queue.peek().permits <= left) {
          left -= queue.peek().permits;
          opened.add(queue.remove());
        }
        toldInOrder.addAll(opened);
        boolean done = withdraws ? lease.withdraw() : lease.end(to);
        assertThat(done).isTrue();
        opened.forEach(this::open);
      } else {
        assertThat(withdraws ? lease.withdraw() : lease.end(to)).isFalse();
      }
      assertThat(lease.state).isEqualTo(possible ? to : from);
    }

    private void withdrawNew() {
      LeaseImpl<?> lease = make(1);
      assertThat(lease.withdraw()).isTrue();
      assertThat(resource.permits.take(lease, true)).isFalse();
      assertThat(lease.state).isEqualTo(State.WITHDRAWN);
    }

    private void compare() {
      assertThat(resource.available()).isEqualTo(available).isNotNegative();
      assertThat(resource.waiting()).isEqualTo(queue.size());
      assertThat(told).as("order of grants").isEqualTo(toldInOrder);
      int ahead = 0;
      for (LeaseImpl<?> lease : queue) {
        assertThat(resource.permits.ahead(lease)).isEqualTo(ahead++);
      }
      int out = 0;
      List<Object> items = new ArrayList<>();
      for (LeaseImpl<?> lease : all) {
        if (lease.isOpen()) {
          out += lease.permits;
          items.add(lease.item);
          assertThat(resource.permits.ahead(lease)).isEqualTo(-1);
        }
      }
      assertThat(out + available).isEqualTo(resource.capacity());
      if (pooled) {
        assertThat(items).doesNotHaveDuplicates().hasSize(out);
      }
    }

    /** Closing what is open until nobody waits brings everything back. */
    void closeAll() {
      for (int i = 0; i < all.size(); i++) {
        if (all.get(i).isOpen()) {
          leave(i, State.CLOSED);
          compare();
          i = -1; // who has been opened may stand before it
        }
      }
      assertThat(queue).isEmpty();
      assertThat(resource.available()).isEqualTo(resource.capacity());
    }
  }
}

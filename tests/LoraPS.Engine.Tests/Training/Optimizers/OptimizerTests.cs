using LoraPS.Engine.Training.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training.Optimizers;

/// <summary>What holds for every optimizer.</summary>
public class OptimizerTests
{
    private const int HalfWay = 3;

    public static TheoryData<string> Names => [.. OptimizerKinds.Names];

    [Fact]
    public void Each_parameter_moves_at_its_own_rate_and_one_without_gradient_or_rate_stays()
    {
        using var scope = NewDisposeScope();
        var (slow, fast, still, frozen) = (ones(1).requires_grad_(), ones(1).requires_grad_(), ones(1).requires_grad_(), ones(1).requires_grad_());
        using var optimizer = OptimizerArguments.Parse("AdamW", ["weight_decay=0"])
            .Create([new("slow", slow, 0.01), new("fast", fast, 0.1), new("still", still, 0.1), new("frozen", frozen, 0)]);
        (slow.sum() + fast.sum() + frozen.sum()).backward();
        optimizer.Update();
        // Adam's first step is the learning rate in the direction of the gradient's sign.
        Assert.Equal(0.99, slow.item<float>(), 1e-6);
        Assert.Equal(0.9, fast.item<float>(), 1e-6);
        Assert.Equal(1f, still.item<float>());
        Assert.Equal(1f, frozen.item<float>());
    }

    [Fact]
    public void Steps_are_counted_for_each_parameter_as_PyTorch_does()
    {
        using var scope = NewDisposeScope();
        var (always, late) = (ones(1).requires_grad_(), ones(1).requires_grad_());
        using var optimizer = OptimizerArguments.Parse("AdamW", ["weight_decay=0"]).Create([new("always", always, 0.1), new("late", late, 0.1)]);
        always.grad = ones(1);
        optimizer.Update();
        always.grad = ones(1);
        late.grad = full([1], 5f);
        optimizer.Update();
        Assert.Equal(2, optimizer.Step);
        // Its first step, whatever was done before: the learning rate in the direction of the sign.
        Assert.Equal(0.9, late.item<float>(), 1e-6);
    }

    [Fact]
    public void The_schedule_multiplies_all_rates()
    {
        using var scope = NewDisposeScope();
        var parameter = ones(1).requires_grad_();
        using var optimizer = OptimizerArguments.Parse("AdamW", ["weight_decay=0"]).Create([new("only", parameter, 0.1)]);
        (parameter.grad, optimizer.RateFactor) = (ones(1), 0.25);
        optimizer.Update();
        Assert.Equal(0.975, parameter.item<float>(), 1e-6);
        Assert.Equal(0.025, optimizer.RateInForce(0.1), 1e-12);
    }

    [Fact]
    public void Zeroing_forgets_the_gradients()
    {
        using var scope = NewDisposeScope();
        var parameter = ones(1).requires_grad_();
        using var optimizer = OptimizerArguments.Parse("AdamW", []).Create([new("only", parameter, 0.01)]);
        parameter.sum().backward();
        optimizer.ZeroGradients();
        Assert.Null(parameter.grad);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_goes_down_a_slope(string name)
    {
        using var run = new OptimizerRun(name);
        var before = run.Distance();
        run.Steps(0, 60);
        Assert.True(run.Distance() < before, $"{before} became {run.Distance()}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Saved_half_way_and_taken_up_again_it_ends_with_the_same_bits(string name)
    {
        using var unbroken = new OptimizerRun(name);
        unbroken.Steps(0, 2 * HalfWay);

        using var first = new OptimizerRun(name);
        first.Steps(0, HalfWay);
        using var second = new OptimizerRun(name);
        using var folder = new TemporaryFolder();
        first.Save(folder.File("state.safetensors"));
        second.Load(folder.File("state.safetensors"));
        second.Steps(HalfWay, 2 * HalfWay);

        Assert.Equal(unbroken.Bytes(), second.Bytes());
        Assert.NotEqual(first.Bytes(), second.Bytes());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Updates_leave_no_tensors_behind(string name)
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var run = new OptimizerRun(name))
        {
            run.Steps(0, 1);
            var between = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            run.Steps(1, 2);
            Assert.Equal(between, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}

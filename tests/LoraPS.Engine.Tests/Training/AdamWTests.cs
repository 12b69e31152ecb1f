using LoraPS.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

/// <summary>Numbers computed by torch.optim.AdamW.</summary>
public class AdamWTests
{
    private static readonly string[] Parameters = ["conv", "linear", "vector"];

    public static TheoryData<string, AdamWOptions> Cases => new()
    {
        { "adamw_defaults", new AdamWOptions() },
        { "adamw_wd0.1_betas0.8_0.95", new AdamWOptions { WeightDecay = 0.1, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6 } },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Steps_equal_the_reference(string name, AdamWOptions options)
    {
        using var golden = GoldenTensors.Open("train_math/optimizers.safetensors");
        using var scope = NewDisposeScope();
        var parameters = Parameters.Select(p => golden[$"init.{p}"].clone().requires_grad_()).ToList();
        using var optimizer = new AdamW(Parameters.Zip(parameters, (n, p) => new TrainedParameter(n, p, 0.01)), options);
        for (var step = 0; step < 6; step++)
        {
            for (var i = 0; i < Parameters.Length; i++)
                parameters[i].grad = golden[$"grad{step}.{Parameters[i]}"];
            optimizer.Update();
            if (step is 0 or 5)
                for (var i = 0; i < Parameters.Length; i++)
                    golden.AssertNear($"{name}.after{step + 1}.{Parameters[i]}", parameters[i], 1e-6);
        }
    }

    [Fact]
    public void Each_parameter_moves_at_its_own_rate_and_a_parameter_without_gradient_stays()
    {
        using var scope = NewDisposeScope();
        var (slow, fast, still) = (ones(1).requires_grad_(), ones(1).requires_grad_(), ones(1).requires_grad_());
        using var optimizer = new AdamW(
            [new("slow", slow, 0.01), new("fast", fast, 0.1), new("still", still, 0.1)], new AdamWOptions { WeightDecay = 0 });
        (slow.sum() + fast.sum()).backward();
        optimizer.Update();
        // Adam's first step is the learning rate in the direction of the gradient's sign.
        Assert.Equal(0.99, slow.item<float>(), 1e-6);
        Assert.Equal(0.9, fast.item<float>(), 1e-6);
        Assert.Equal(1f, still.item<float>());
    }

    [Fact]
    public void Zeroing_forgets_the_gradients()
    {
        using var scope = NewDisposeScope();
        var parameter = ones(1).requires_grad_();
        using var optimizer = new AdamW([new("only", parameter, 0.01)], new AdamWOptions());
        parameter.sum().backward();
        optimizer.ZeroGradients();
        Assert.Null(parameter.grad);
    }

    [Fact]
    public void Updates_leave_no_tensors_behind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (NewDisposeScope())
        {
            var parameter = ones(4).requires_grad_();
            using var optimizer = new AdamW([new("only", parameter, 0.01)], new AdamWOptions());
            parameter.square().sum().backward();
            optimizer.Update();
            var between = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            optimizer.Update();
            Assert.Equal(between, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}

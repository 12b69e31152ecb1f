using LoraPS.Engine.Training.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training.Optimizers;

/// <summary>Numbers computed by PyTorch (AdamW, SGD), by sd-scripts 48d368fa (Adafactor) and from the paper (Lion).</summary>
public class OptimizerReferenceTests
{
    private const double LearningRate = 0.01;
    private static readonly string[] Names = ["conv", "linear", "vector"];

    [Theory]
    [InlineData("adamw_defaults", "AdamW")]
    [InlineData("adamw_wd0.1_betas0.8_0.95", "AdamW", "weight_decay=0.1", "betas=(0.8, 0.95)", "eps=1e-6")]
    [InlineData("lion_wd0.01", "Lion", "weight_decay=0.01")]
    [InlineData("sgd_nesterov_momentum0.9", "SGDNesterov")]
    [InlineData("adafactor_relative_step", "Adafactor")]
    [InlineData("adafactor_fixed_lr", "Adafactor", "relative_step=False", "scale_parameter=False", "weight_decay=0.01")]
    [InlineData("adafactor_fixed_lr_scaled_beta1", "Adafactor", "relative_step=False", "scale_parameter=True", "beta1=0.9", "clip_threshold=0.5")]
    public void Steps_equal_the_reference(string fixture, string name, params string[] arguments) =>
        Compare(fixture, name, arguments, (golden, key, value) => golden.AssertNear(key, value, 1e-6));

    /// <summary>The warm-up moves by a millionth of the learning rate's scale only, so the way from the start is compared.</summary>
    [Fact]
    public void Warmed_up_steps_of_Adafactor_equal_the_reference() =>
        Compare("adafactor_warmup_init", "Adafactor", ["warmup_init=True"], (golden, key, value) =>
        {
            var start = golden[$"init.{key.Split('.')[^1]}"];
            var (expected, actual) = (golden[key] - start, value.detach() - start);
            var error = (expected - actual).abs().max().item<float>();
            Assert.True(error <= 1e-3 * expected.abs().max().item<float>() + 3e-8, $"{key}: {error:g4}");
        });

    private static void Compare(string fixture, string name, string[] arguments, Action<GoldenTensors, string, Tensor> assert)
    {
        using var golden = GoldenTensors.Open("train_math/optimizers.safetensors");
        using var scope = NewDisposeScope();
        var parameters = Names.Select(p => golden[$"init.{p}"].clone().requires_grad_()).ToList();
        using var optimizer = OptimizerArguments.Parse(name, arguments).Create(Names.Zip(parameters, (n, p) => new TrainedParameter(n, p, LearningRate)));
        for (var step = 0; step < 6; step++)
        {
            for (var i = 0; i < Names.Length; i++)
                parameters[i].grad = golden[$"grad{step}.{Names[i]}"];
            optimizer.Update();
            if (step is 0 or 5)
                for (var i = 0; i < Names.Length; i++)
                    assert(golden, $"{fixture}.after{step + 1}.{Names[i]}", parameters[i]);
        }
    }
}

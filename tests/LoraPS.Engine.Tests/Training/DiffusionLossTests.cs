using LoraPS.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

/// <summary>Numbers computed by sd-scripts 48d368fa: conditional_loss and apply_masked_loss.</summary>
public class DiffusionLossTests
{
    public static TheoryData<string, LossKind, HuberSchedule?, double, double> Cases
    {
        get
        {
            var cases = new TheoryData<string, LossKind, HuberSchedule?, double, double> { { "l2", LossKind.L2, null, 0.1, 1 }, { "l1", LossKind.L1, null, 0.1, 1 } };
            foreach (var (name, kind) in new[] { ("huber", LossKind.Huber), ("smooth_l1", LossKind.SmoothL1) })
                foreach (var schedule in Enum.GetValues<HuberSchedule>())
                    foreach (var (c, scale, text) in new[] { (0.1, 1.0, "c0.1_scale1.0"), (0.3, 0.5, "c0.3_scale0.5") })
                        cases.Add($"{name}.{schedule.ToString().ToLowerInvariant()}.{text}", kind, schedule, c, scale);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Losses_equal_the_reference(string name, LossKind kind, HuberSchedule? schedule, double c, double scale)
    {
        using var golden = GoldenTensors.Open("train_math/losses.safetensors");
        using var scope = NewDisposeScope();
        var options = new LossOptions { Kind = kind, HuberSchedule = schedule ?? default, HuberC = c, HuberScale = scale };
        using var noise = new Engine.Diffusion.NoiseSchedule();
        var table = TimestepTables.Thresholds(options, noise.AlphasCumprod.data<float>().ToArray());
        var thresholds = tensor(golden["timesteps"].data<long>().Select(timestep => table[timestep]).ToArray());
        var elements = DiffusionLoss.Elements(golden["pred"], golden["target"], kind, thresholds);
        if (schedule is not null)
            golden.AssertNear($"{name}.threshold", thresholds, 0, 1e-6);
        golden.AssertNear($"{name}.per_image", elements.mean([1, 2, 3]), 0, 1e-5);
        golden.AssertNear($"{name}.mean", DiffusionLoss.Mean(elements, 1, 1, 1, 1), 0, 1e-5);
        if (golden.Names.Contains($"{name}.none"))
            golden.AssertNear($"{name}.none", elements, 0, 1e-5);
    }

    [Fact]
    public void Masked_losses_equal_the_reference()
    {
        using var golden = GoldenTensors.Open("train_math/losses.safetensors");
        using var scope = NewDisposeScope();
        golden.AssertNear("masked.by_alpha", DiffusionLoss.Masked(golden["masked.loss"], golden["masked.alpha_masks"]), 0, 1e-5);
        // A mask picture's red channel, from -1 to 1.
        var red = golden["masked.conditioning_images"].select(1, 0);
        golden.AssertNear("masked.by_conditioning_images", DiffusionLoss.Masked(golden["masked.loss"], (red + 1) / 2), 0, 1e-5);
    }

    [Fact]
    public void A_weight_counts_for_its_picture_only()
    {
        using var scope = NewDisposeScope();
        var target = cat([full([1, 4, 3, 3], 1f), full([1, 4, 3, 3], 2f)]);
        var elements = DiffusionLoss.Elements(zeros(2, 4, 3, 3), target);
        Assert.Equal((1 * 0.5 + 4 * 2) / 2, DiffusionLoss.Mean(elements, 0.5f, 2).item<float>(), 1e-6);
    }

    [Fact]
    public void Half_precision_predictions_give_a_float32_loss()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(ScalarType.Float32, DiffusionLoss.Elements(zeros(1, 4, 2, 2, ScalarType.BFloat16), ones(1, 4, 2, 2)).dtype);
    }

    /// <summary>Far from 0 a Huber loss grows like the magnitude, near 0 like the square.</summary>
    [Fact]
    public void A_Huber_loss_is_a_square_near_0_and_a_magnitude_far_from_it()
    {
        using var scope = NewDisposeScope();
        var c = tensor(new[] { 0.1f });
        float Of(float error) => DiffusionLoss.Elements(full([1, 1, 1, 1], error), zeros(1, 1, 1, 1), LossKind.Huber, c).item<float>();
        Assert.Equal(1, Of(2e-3f) / 4e-6, 5e-3);
        Assert.Equal(0.2, Of(101) - Of(100), 1e-4);
    }
}

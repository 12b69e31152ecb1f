using LoraPS.Engine.Models.Vae;
using LoraPS.Engine.Runtime;
using LoraPS.ToyModel.World;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.ToyModel.Learning;

/// <summary>Trains the autoencoder, and then its decoder alone for longer: what latents mean stays, so that a U-Net can be trained on them at the same time.</summary>
/// <remarks>
/// The loss: absolute and squared error of the pixels, absolute error of the differences between neighbours (edges), and a
/// little of the divergence from standard normal latents (Kingma and Welling, 2014).
/// </remarks>
/// <param name="vae">The network.</param>
/// <param name="batch">Pictures a step.</param>
internal sealed class VaeLearning(AutoencoderKL vae, int batch)
{
    private const double DivergenceWeight = 2e-5;
    private static readonly string[] DecoderParts = ["decoder.", "post_quant_conv."];

    /// <summary>Trains all of it, and leaves the averaged weights in the network.</summary>
    public void Run(WeightTrainingOptions options) => Run(ToyNetworks.Weights(vae), options, Encoded);

    /// <summary>Trains the decoder, and leaves its averaged weights in the network.</summary>
    public void RunDecoder(WeightTrainingOptions options) => Run(
        ToyNetworks.Weights(vae).Where(weight => DecoderParts.Any(part => weight.Name.StartsWith(part, StringComparison.Ordinal))),
        options,
        (pixels, noise) =>
        {
            using var noGradient = no_grad();
            using var posterior = vae.Encode(pixels);
            return (posterior.Sample(noise(posterior.Mean)), zeros(1));
        });

    private void Run(
        IEnumerable<(string Name, Tensor Value)> weights, WeightTrainingOptions options, Func<Tensor, Func<Tensor, Tensor>, (Tensor Latents, Tensor Divergence)> encode)
    {
        using var training = new WeightTraining(weights, options);
        training.Run(step =>
        {
            using var scope = NewDisposeScope();
            var pixels = ToyPictures.Paint([.. Enumerable.Range(step * batch, batch).Select(number => Painting(options.Seed, number))]);
            var (latents, divergence) = encode(pixels, like => new CounterRandom(options.Seed, RandomPurpose.LatentSample, item: step).Normal(like.shape));
            return Error(vae.Decode(latents) - pixels).Plus(divergence.Times(DivergenceWeight)).MoveToOuterDisposeScope();
        });
        training.UseAverage();
    }

    // One in three from beyond the world.
    private static Action<SkiaSharp.SKCanvas> Painting(long seed, int number) =>
        number % 3 > 0 ? ToyWorld.Scene(seed, number).Draw : ToyWorld.Doodle(seed, number);

    private (Tensor Latents, Tensor Divergence) Encoded(Tensor pixels, Func<Tensor, Tensor> noise)
    {
        using var posterior = vae.Encode(pixels);
        var divergence = (posterior.Mean.Squared().Plus(posterior.LogVar.exp()) - posterior.LogVar).Plus(-1).mean().Times(0.5);
        return (posterior.Sample(noise(posterior.Mean)), divergence);
    }

    private static Tensor Error(Tensor error) =>
        error.abs().mean().Plus(error.Squared().mean()).Plus(Edges(error, 2).Plus(Edges(error, 3)));

    private static Tensor Edges(Tensor error, int dimension)
    {
        var length = error.shape[dimension] - 1;
        return (error.narrow(dimension, 1, length) - error.narrow(dimension, 0, length)).abs().mean();
    }
}

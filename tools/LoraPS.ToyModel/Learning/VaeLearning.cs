using LoraPS.Engine.Models.Vae;
using LoraPS.Engine.Runtime;
using LoraPS.ToyModel.World;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.ToyModel.Learning;

/// <summary>Trains the autoencoder.</summary>
/// <remarks>
/// The loss: absolute and squared error of the pixels, absolute error of the differences between neighbours (edges), and a
/// little of the divergence from standard normal latents (Kingma and Welling, 2014).
/// </remarks>
/// <param name="vae">The network.</param>
/// <param name="batch">Pictures half a step.</param>
/// <param name="options">How.</param>
internal sealed class VaeLearning(AutoencoderKL vae, int batch, WeightTrainingOptions options)
{
    private const double DivergenceWeight = 2e-5;

    /// <summary>Trains, and leaves the averaged weights in the network.</summary>
    public void Run()
    {
        using var training = new WeightTraining(ToyNetworks.Weights(vae), options);
        training.Run(half =>
        {
            using var scope = NewDisposeScope();
            var pixels = ToyPictures.Paint([.. Enumerable.Range(half * batch, batch).Select(number => Painting(options.Seed, number))]);
            using var posterior = vae.Encode(pixels);
            var noise = new CounterRandom(options.Seed, RandomPurpose.LatentSample, item: half).Normal(posterior.Mean.shape);
            return Error(vae.Decode(posterior.Sample(noise)) - pixels).Plus(Divergence(posterior).Times(DivergenceWeight)).MoveToOuterDisposeScope();
        });
        training.UseAverage();
    }

    // One in three from beyond the world.
    private static Action<SkiaSharp.SKCanvas> Painting(long seed, int number) =>
        number % 3 > 0 ? ToyWorld.Scene(seed, number).Draw : ToyWorld.Doodle(seed, number);

    private static Tensor Divergence(DiagonalGaussian posterior) =>
        (posterior.Mean.Squared().Plus(posterior.LogVar.exp()) - posterior.LogVar).Plus(-1).mean().Times(0.5);

    private static Tensor Error(Tensor error) =>
        error.abs().mean().Plus(error.Squared().mean()).Plus(Edges(error, 2).Plus(Edges(error, 3)));

    private static Tensor Edges(Tensor error, int dimension)
    {
        var length = error.shape[dimension] - 1;
        return (error.narrow(dimension, 1, length) - error.narrow(dimension, 0, length)).abs().mean();
    }
}

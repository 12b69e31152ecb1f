using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;
using LoraPS.ToyModel.World;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.ToyModel.Learning;

/// <summary>Trains the text encoder and the U-Net together.</summary>
internal sealed class DenoiserLearning(StableDiffusionModel model, double scalingFactor, ClipTokenizer tokenizer, int batch, WeightTrainingOptions options)
{
    private const int Scenes = 16384;
    private const int EncodedAtOnce = 64;
    private const int DropoutShare = 10;
    private const int Timesteps = 1000;

    /// <summary>Trains, and leaves the averaged weights in the networks.</summary>
    public void Run()
    {
        var weights = Named("unet.", model.UNet).Concat(Named("text.", model.TextEncoder));
        using var scope = NewDisposeScope();
        using var training = new WeightTraining(weights, options);
        using var objective = new DenoisingObjective(new LossOptions { MinSnrGamma = 5 });
        // A run that is complete needs no pictures.
        var world = new Lazy<(Tensor Latents, Tensor Ids)>(Encode);
        var silence = Ids("");
        training.Run(half => Loss(objective, world.Value.Latents, world.Value.Ids, silence, half));
        training.UseAverage();
    }

    /// <summary>Standard deviation of an autoencoder's latents over scenes of the world.</summary>
    public static double Spread(Engine.Models.Vae.AutoencoderKL vae, long seed)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var posterior = vae.Encode(ToyPictures.Paint([.. Enumerable.Range(0, 256).Select(number => (Action<SkiaSharp.SKCanvas>)ToyWorld.Scene(seed, number).Draw)]));
        return posterior.Mean.std().item<float>();
    }

    private static IEnumerable<(string, Tensor)> Named(string prefix, nn.Module network) =>
        ToyNetworks.Weights(network).Select(weight => (prefix + weight.Name, weight.Value));

    private Tensor Loss(DenoisingObjective objective, Tensor latents, Tensor ids, Tensor silence, int half)
    {
        using var scope = NewDisposeScope();
        var random = new CounterRandom(options.Seed, RandomPurpose.Order, item: half);
        var places = tensor(Enumerable.Range(0, batch).Select(_ => (long)random.NextInt(Scenes)).ToArray());
        var timesteps = tensor(Enumerable.Range(0, batch).Select(_ => (long)random.NextInt(Timesteps)).ToArray());
        var isSilent = tensor(Enumerable.Range(0, batch).Select(_ => random.NextInt(DropoutShare) == 0).ToArray()).unsqueeze(1);
        var drawn = latents[places];
        var noise = new CounterRandom(options.Seed, RandomPurpose.Noise, item: half).Normal(drawn.shape);
        var weights = new float[batch];
        Array.Fill(weights, 1);
        var inputs = new DenoisingInputs(drawn, noise, timesteps, weights);
        var states = model.TextEncoder.Encode(where(isSilent, silence, ids[places]));
        return objective.Loss(model.UNet.call(objective.NoisyLatents(inputs), timesteps, states), inputs).MoveToOuterDisposeScope();
    }

    private (Tensor Latents, Tensor Ids) Encode()
    {
        using var noGradient = no_grad();
        var scenes = Enumerable.Range(0, Scenes).Select(number => ToyWorld.Scene(options.Seed, number)).ToList();
        var latents = scenes.Chunk(EncodedAtOnce).Select(chunk =>
        {
            using var scope = NewDisposeScope();
            using var posterior = model.Vae.Encode(ToyPictures.Paint([.. chunk.Select(scene => (Action<SkiaSharp.SKCanvas>)scene.Draw)]));
            return posterior.Mean.Times(scalingFactor).MoveToOuterDisposeScope();
        }).ToArray();
        return (cat(latents).DetachFromDisposeScope(), cat([.. scenes.Select(scene => Ids(scene.Caption))]).DetachFromDisposeScope());
    }

    private Tensor Ids(string caption) => tensor(tokenizer.EncodeChunks(caption).Ids.SelectMany(row => row).ToArray(), [1, TokenChunks.RowLength]);
}

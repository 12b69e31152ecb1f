using LoraPS.Engine.Merging;
using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Sampling;
using LoraPS.ToyModel.World;
using static TorchSharp.torch;

namespace LoraPS.ToyModel.Judging;

/// <summary>Has a model paint, with LoRAs or without, and judges the pictures.</summary>
public sealed class PictureJury : IDisposable
{
    /// <summary>Pictures of a judgement, each with a seed of its own.</summary>
    public const int PictureCount = 32;

    // Scenes that training never drew.
    private const int BeyondTraining = 1_000_000;
    private const long WorldSeed = 2;
    private readonly StableDiffusionModel _model;
    private readonly ToyPainter _painter;

    /// <summary>Loads a model.</summary>
    /// <param name="modelPath">Its folder.</param>
    public PictureJury(string modelPath)
    {
        _model = StableDiffusionModel.Load(modelPath);
        _painter = new ToyPainter(_model, TokenizerSource.Find(modelPath, tokenizerPath: null));
    }

    /// <summary>Prompts with a zorb: every background, every place.</summary>
    public static IReadOnlyList<string> ZorbPrompts { get; } =
    [
        .. Enumerable.Range(0, PictureCount).Select(i => Zorb.Example(
            ToyColour.Backgrounds[i % ToyColour.Backgrounds.Count].Name, i % 2 == 0 ? "" : "large", i < PictureCount / 2 ? "" : ToyPlace.Sides[i % ToyPlace.Sides.Count].Phrase).Caption),
    ];

    /// <summary>Scenes of the world.</summary>
    public static IReadOnlyList<ToyScene> WorldScenes { get; } =
        [.. Enumerable.Range(BeyondTraining, PictureCount).Select(number => ToyWorld.Scene(WorldSeed, number))];

    /// <summary>Weight 0 for every block.</summary>
    public static BlockWeights NoBlocks { get; } = BlockWeights.FromBlocks(Enum.GetValues<UNetBlock>().Select(block => (block, 0.0)));

    /// <summary>Paints a picture of each prompt.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="loras">LoRAs at work.</param>
    /// <returns>[B, 3, 64, 64]; the caller disposes it.</returns>
    public Tensor Paint(IReadOnlyList<string> prompts, params IReadOnlyList<LoraSource> loras)
    {
        using var attached = AttachedLoras.Attach(_model, loras);
        return _painter.Paint(prompts);
    }

    /// <summary>Judges the pictures of both kinds of prompts.</summary>
    public PictureScores Judge(params IReadOnlyList<LoraSource> loras)
    {
        using var pictures = Paint([.. ZorbPrompts, .. WorldScenes.Select(scene => scene.Caption)], loras);
        return new(ZorbScore(pictures.narrow(0, 0, PictureCount)), Matches(pictures.narrow(0, PictureCount, PictureCount), WorldScenes).Average(match => match.Score));
    }

    /// <summary>Mean score of pictures that should show a zorb.</summary>
    /// <param name="pictures">[B, 3, 64, 64].</param>
    public static double ZorbScore(Tensor pictures) => Picture.From(pictures).Average(ZorbReading.Score);

    /// <summary>Which properties of their scenes pictures have.</summary>
    /// <param name="pictures">[B, 3, 64, 64].</param>
    /// <param name="scenes">The scenes.</param>
    public static IReadOnlyList<SceneMatch> Matches(Tensor pictures, IEnumerable<ToyScene> scenes) =>
        [.. Picture.From(pictures).Zip(scenes, (picture, scene) => SceneReading.Of(picture)?.Match(scene) ?? SceneMatch.None)];

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();
}

using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Runtime;
using LoraPS.ModelMaker;
using LoraPS.ToyModel.Judging;
using LoraPS.ToyModel.World;
using static TorchSharp.torch;

namespace LoraPS.ToyModel;

/// <summary>Shows how well the model does: scenes, what the autoencoder keeps of them, and what the model paints to their captions.</summary>
internal static class LookCommand
{
    private const int Columns = 12;
    private const int Beyond = 1_000_000;

    /// <summary>Writes the sheet and tells how often the model's pictures are right.</summary>
    public static void Run(CommandLine line)
    {
        var path = line.Text("model", "examples/models/toy");
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var model = StableDiffusionModel.Load(path);
        var tokenizer = TokenizerSource.Find(path, tokenizerPath: null);
        // Scenes that training never drew.
        var scenes = Enumerable.Range(Beyond, 128).Select(number => ToyWorld.Scene(seed: 2, number)).ToList();
        var pixels = ToyPictures.Paint([.. scenes.Select(scene => (Action<SkiaSharp.SKCanvas>)scene.Draw)]);
        var doodles = ToyPictures.Paint([.. Enumerable.Range(0, Columns).Select(number => ToyWorld.Doodle(seed: 2, number))]);
        var zorbs = ToyPictures.Paint([.. Zorb.Examples.Select(scene => (Action<SkiaSharp.SKCanvas>)scene.Draw)]);
        var keptZorbs = Kept(model, zorbs);
        var kept = Kept(model, pixels.narrow(0, 0, 2 * Columns));
        var painted = new ToyPainter(model, tokenizer).Paint([.. scenes.Select(scene => scene.Caption)]);
        foreach (var (name, seen) in new[] { ("drawn", pixels), ("painted", painted) })
            Tell(name, PictureJury.Matches(seen, scenes));
        Console.WriteLine(FormattableString.Invariant($"drawn zorbs: {PictureJury.ZorbScore(zorbs):0.00}, kept: {PictureJury.ZorbScore(keptZorbs):0.00}"));
        ToyPictures.WriteSheet(
            line.Text("sheet", "artifacts/toy/sheet.png"),
            cat([pixels.narrow(0, 0, 2 * Columns), kept, painted.narrow(0, 0, 4 * Columns), doodles, Kept(model, doodles), zorbs, keptZorbs]),
            Columns);
    }

    private static Tensor Kept(StableDiffusionModel model, Tensor pixels)
    {
        using var posterior = model.Vae.Encode(pixels);
        return model.Vae.Decode(posterior.Mean).Clamped(-1, 1);
    }

    private static void Tell(string name, IReadOnlyList<SceneMatch> matches) => Console.WriteLine(FormattableString.Invariant(
        $"{name}: count {Share(matches, m => m.Count)}, size {Share(matches, m => m.Size)}, colour {Share(matches, m => m.Colour)}, shape {Share(matches, m => m.Shape)}, place {Share(matches, m => m.Place)}, background {Share(matches, m => m.Background)}, all {Share(matches, m => m.IsWhole)}"));

    private static string Share(IReadOnlyList<SceneMatch> matches, Func<SceneMatch, bool> property) =>
        FormattableString.Invariant($"{matches.Average(match => property(match) ? 100 : 0):0} %");
}

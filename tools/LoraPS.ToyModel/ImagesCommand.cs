using LoraPS.ModelMaker;
using LoraPS.ToyModel.World;
using SkiaSharp;

namespace LoraPS.ToyModel;

/// <summary>Draws the pictures of examples/images and examples/regularization and writes their captions.</summary>
internal static class ImagesCommand
{
    /// <summary>Enlargement: pictures are scaled down when they are trained on, as real ones are.</summary>
    private const int Enlargement = 2;

    /// <summary>Writes them.</summary>
    public static void Run(CommandLine line)
    {
        var folder = line.Text("destination", "examples");
        Draw(Path.Combine(folder, "images"), "zorb", Zorb.Examples);
        Draw(Path.Combine(folder, "regularization"), "world", ToyWorld.Regularization);
    }

    private static void Draw(string folder, string name, IReadOnlyList<ToyScene> scenes)
    {
        Directory.CreateDirectory(folder);
        foreach (var (index, scene) in scenes.Index())
        {
            var path = Path.Combine(folder, $"{name}-{index + 1:00}");
            using var surface = SKSurface.Create(new SKImageInfo(Enlargement * ToyScene.Side, Enlargement * ToyScene.Side, SKColorType.Rgba8888, SKAlphaType.Opaque));
            surface.Canvas.Scale(Enlargement);
            scene.Draw(surface.Canvas);
            using var picture = surface.Snapshot();
            using var png = picture.Encode(SKEncodedImageFormat.Png, quality: 100);
            File.WriteAllBytes(path + ".png", png.ToArray());
            File.WriteAllText(path + ".txt", scene.Caption + "\n");
        }
    }
}

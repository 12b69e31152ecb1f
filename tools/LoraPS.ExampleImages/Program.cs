using LoraPS.ExampleImages;
using SkiaSharp;

// Draws the pictures of examples/images and writes their captions: dotnet run --project tools/LoraPS.ExampleImages [FOLDER]
var folder = Directory.CreateDirectory(args.Length > 0 ? args[0] : Path.Combine("examples", "images")).FullName;
foreach (var (index, scene) in Scene.All.Index())
{
    var name = Path.Combine(folder, $"zorb-{index + 1:00}");
    using var picture = scene.Draw();
    using var png = picture.Encode(SKEncodedImageFormat.Png, quality: 100);
    File.WriteAllBytes(name + ".png", png.ToArray());
    File.WriteAllText(name + ".txt", scene.Caption + "\n");
}

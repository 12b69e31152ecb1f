using LoraPS.Engine.Runtime;
using LoraPS.ModelMaker;
using LoraPS.ToyModel;

const string usage = """
    Makes the toy model of the examples: draws a small world of shapes, and trains a model on it.

      train                    trains the model and writes it
        --destination PATH     the folder to write (examples/models/toy)
        --work PATH            where runs are kept, to go on from (artifacts/toy)
        --seed N               seed of everything (1)
        --vae-steps N          steps of the autoencoder (2400)
        --vae-batch N          pictures half a step (8)
        --steps N              steps of the text encoder and the U-Net (4000)
        --batch N              pictures half a step (64)
      images                   draws pictures of a zorb, and of the world for regularization, and writes their captions
        --destination PATH     the folder for both folders (examples)
      look                     puts pictures of the world, the autoencoder and the model into a sheet
        --model PATH           the model (examples/models/toy)
        --sheet PATH           the PNG file (artifacts/toy/sheet.png)
      quality                  trains LoRAs of a zorb and tables how good the pictures are
        --model PATH           the model (examples/models/toy)
        --images PATH          the folder of both folders of pictures (examples)
        --work PATH            where the LoRAs go (artifacts/toy-quality)
    """;

try
{
    var line = CommandLine.Parse([.. args.Skip(1)], ["destination", "work", "seed", "vae-steps", "vae-batch", "steps", "batch", "model", "images", "sheet"], []);
    TorchRuntime.EnsureLoaded();
    switch (args.FirstOrDefault())
    {
        case "train":
            TrainCommand.Run(line);
            return 0;
        case "images":
            ImagesCommand.Run(line);
            return 0;
        case "quality":
            QualityCommand.Run(line);
            return 0;
        case "look":
            LookCommand.Run(line);
            return 0;
        default:
            throw new ArgumentException($"There is no command '{args.FirstOrDefault()}'.");
    }
}
catch (ArgumentException e)
{
    Console.Error.WriteLine($"{e.Message}{Environment.NewLine}{Environment.NewLine}{usage}");
    return 2;
}
